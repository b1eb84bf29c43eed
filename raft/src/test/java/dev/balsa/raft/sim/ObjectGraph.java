package dev.balsa.raft.sim;

import java.lang.reflect.Array;
import java.lang.reflect.Field;
import java.lang.reflect.Modifier;
import java.util.ArrayDeque;
import java.util.Collection;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Counts the objects that an object holds: in the core's own classes, and in collections. */
final class ObjectGraph {
  private final Set<Object> seen = Collections.newSetFromMap(new IdentityHashMap<>());
  private final ArrayDeque<Object> next = new ArrayDeque<>();
  private final String ownPackage;

  private ObjectGraph(String ownPackage) {
    this.ownPackage = ownPackage;
  }

  /** Objects reachable from a root, through classes of its own package and collections only. */
  static int size(Object root) {
    ObjectGraph graph = new ObjectGraph(root.getClass().getPackageName());
    graph.visit(root);
    int count = 0;
    for (Object object = graph.next.poll(); object != null; object = graph.next.poll()) {
      count++;
      graph.expand(object);
    }
    return count;
  }

  private void visit(@Nullable Object object) {
    if (object != null && seen.add(object)) {
      next.add(object);
    }
  }

  private void expand(Object object) {
    if (object instanceof Collection<?> collection) {
      collection.forEach(this::visit);
    } else if (object instanceof Map<?, ?> map) {
      map.forEach(
          (key, value) -> {
            visit(key);
            visit(value);
          });
    } else if (object instanceof Object[] array) {
      for (int i = 0; i < Array.getLength(object); i++) {
        visit(array[i]);
      }
    } else {
      fields(object);
    }
  }

  private void fields(Object object) {
    Class<?> type = object.getClass();
    while (type.getPackageName().equals(ownPackage)) {
      for (Field field : type.getDeclaredFields()) {
        if (!Modifier.isStatic(field.getModifiers()) && !field.getType().isPrimitive()) {
          try {
            field.setAccessible(true);
            visit(field.get(object));
          } catch (IllegalAccessException e) {
            throw new LinkageError(field.toString(), e);
          }
        }
      }
      type = type.getSuperclass();
    }
  }
}

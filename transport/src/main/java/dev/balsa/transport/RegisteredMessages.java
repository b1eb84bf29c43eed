package dev.balsa.transport;

import com.esotericsoftware.kryo.KryoException;
import com.esotericsoftware.kryo.Registration;
import com.esotericsoftware.kryo.io.Input;
import com.esotericsoftware.kryo.util.DefaultClassResolver;
import dev.balsa.raft.core.Message;

/**
 * Reads the class of what follows as a number, and knows no classes but messages.
 *
 * <p>{@code setRegistrationRequired(true)} alone is not enough against hostile input: Kryo's own
 * resolver reads a class <i>name</i> if the number says so, and loads that class before it finds
 * that it is not registered; and Kryo registers types of its own, such as String, whose declared
 * length it allocates.
 */
final class RegisteredMessages extends DefaultClassResolver {
  /** Kryo writes a class as its id plus 2; 0 stands for null and 1 for "a name follows". */
  private static final int ID_OFFSET = 2;

  @Override
  public Registration readClass(Input input) {
    int id = input.readVarInt(true) - ID_OFFSET;
    Registration registration = id < 0 ? null : getRegistration(id);
    if (registration == null || !Message.class.isAssignableFrom(registration.getType())) {
      throw new KryoException("unknown class id " + id);
    }
    return registration;
  }
}

package dev.balsa.jepsen.report;

import java.util.Collection;
import java.util.Map;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** How the run was made. */
final class ConfigSection {
  private static final String SEED = "seed";

  private final Map<String, ? extends @Nullable Object> config;

  ConfigSection(Map<String, ? extends @Nullable Object> config) {
    this.config = config;
  }

  String html() {
    if (config.isEmpty()) {
      return "";
    }
    StringBuilder out = new StringBuilder("<section id=\"configuration\"><h2>Configuration</h2>\n");
    out.append("<dl class=\"pairs\">");
    if (config.containsKey(SEED)) {
      pair(out, SEED, config.get(SEED));
    }
    config.forEach(
        (key, value) -> {
          if (!key.equals(SEED)) {
            pair(out, key, value);
          }
        });
    return out.append("</dl></section>\n").toString();
  }

  private static void pair(StringBuilder out, String key, @Nullable Object value) {
    out.append("<div><dt>").append(Html.escape(key)).append("</dt><dd>");
    out.append(Html.escape(text(value))).append("</dd></div>");
  }

  /** A value of a configuration, or a fact, for people. */
  static String text(@Nullable Object value) {
    if (value == null) {
      return "–";
    }
    if ((value instanceof Collection<?> none && none.isEmpty())
        || (value instanceof Map<?, ?> nothing && nothing.isEmpty())) {
      return "none";
    }
    if (value instanceof Collection<?> items) {
      return items.stream().map(ConfigSection::text).collect(Collectors.joining(", "));
    }
    if (value instanceof Map<?, ?> map) {
      return map.entrySet().stream()
          .map(entry -> entry.getKey() + " " + text(entry.getValue()))
          .collect(Collectors.joining(", "));
    }
    if (value instanceof Double number && number == Math.rint(number) && Math.abs(number) < 1e15) {
      return Long.toString(number.longValue());
    }
    return value.toString();
  }
}

package dev.balsa.jepsen.json;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class JsonTest {
  @Property(tries = 200)
  void textAndNumbersComeBack(@ForAll String text, @ForAll long number, @ForAll boolean truth) {
    Map<String, @Nullable Object> map = new LinkedHashMap<>();
    map.put(text, Arrays.asList(number, null, truth, text));
    map.put("inner", Map.of(text, new ArrayList<>()));
    assertThat(JsonReader.object(JsonText.indented(map))).isEqualTo(map);
    assertThat(JsonReader.object(JsonText.compact(map))).isEqualTo(map);
  }

  @Test
  void whatOthersWriteIsRead() {
    assertThat(JsonReader.object("{\"a\":[1,-2.5e3,{ }],\"b\\u0041\\n\" : \"\\/\" }"))
        .isEqualTo(Map.of("a", List.of(1L, -2500.0, Map.of()), "bA\n", "/"));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"", "{", "[]", "{\"a\":}", "{\"a\" 1}", "{\"a\":1} x", "{\"a\":nul}", "{\"a"})
  void whatIsNoMapIsRefused(String text) {
    assertThatThrownBy(() -> JsonReader.object(text)).isInstanceOf(IllegalArgumentException.class);
  }
}

package dev.balsa.bench.raft;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;

class ContenderTest {
  @Test
  void aContenderIsFoundByItsName() {
    for (Contender contender : Contender.values()) {
      assertThat(Contender.of(contender.label())).isEqualTo(contender);
    }
    assertThatThrownBy(() -> Contender.of("other"))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("other is none of these: ours,floor,jraft");
  }

  @Test
  void sofaJRaftIsOnNoClassPathButItsOwn() {
    assertThatThrownBy(() -> Class.forName("com.alipay.sofa.jraft.Node"))
        .isInstanceOf(ClassNotFoundException.class);
  }
}

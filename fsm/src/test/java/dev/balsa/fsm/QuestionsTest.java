package dev.balsa.fsm;

import static org.assertj.core.api.Assertions.assertThat;

import dev.balsa.raft.SideChannel;
import dev.balsa.raft.TransferOutcome;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;

final class QuestionsTest {
  private static final DatabaseName NAME = new DatabaseName("a.db");

  private final List<HealingMessage> sent = new ArrayList<>();

  private final SideChannel others =
      new SideChannel() {
        @Override
        public long nodeId() {
          return 1;
        }

        @Override
        public void send(long to, byte[] payload) {
          try {
            sent.add(HealingMessage.decode(payload));
          } catch (IOException e) {
            throw new AssertionError(e);
          }
        }

        @Override
        public CompletableFuture<TransferOutcome> transferLeadership(long target) {
          throw new AssertionError("nobody asks for it");
        }
      };

  private CompletableFuture<HealingMessage> ask(Questions questions) {
    return questions.send(others, 2, number -> new HealingMessage.EndQuestion(number, NAME, 7));
  }

  @Test
  void onlyWhoWasAskedAnswers() {
    Questions questions = new Questions();
    CompletableFuture<HealingMessage> asked = ask(questions);
    HealingMessage answer = new HealingMessage.EndAnswer(sent.get(0).number(), NAME, 7, 100);
    questions.answered(3, answer);
    assertThat(asked).isNotDone();
    questions.answered(2, answer);
    assertThat(asked).isCompletedWithValue(answer);
  }

  @Test
  void anAnswerToAnEarlierLifesQuestionIsNotTakenForOneToThisLifes() {
    CompletableFuture<HealingMessage> before = ask(new Questions());
    Questions questions = new Questions();
    CompletableFuture<HealingMessage> asked = ask(questions);
    questions.answered(2, new HealingMessage.EndAnswer(sent.get(0).number(), NAME, 7, 100));
    assertThat(asked).isNotDone();
    assertThat(before).isNotDone();
  }
}

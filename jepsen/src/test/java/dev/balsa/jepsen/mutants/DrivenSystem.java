package dev.balsa.jepsen.mutants;

import dev.balsa.jepsen.check.Finding;
import dev.balsa.jepsen.db.Client;
import dev.balsa.jepsen.db.SystemUnderTest;
import dev.balsa.jepsen.nemesis.Fault;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;

/** A system whose clients are another driver's. */
record DrivenSystem(SystemUnderTest system, Driver driver) implements SystemUnderTest {
  @Override
  public void start() throws IOException, InterruptedException {
    system.start();
  }

  @Override
  public List<Long> nodes() {
    return system.nodes();
  }

  @Override
  public Client client(long node) {
    return driver.client(system, node);
  }

  @Override
  public Status status() {
    return system.status();
  }

  @Override
  public List<Fault> faults(List<String> names) {
    return system.faults(names);
  }

  @Override
  public void awaitWhole(Duration guard) throws InterruptedException {
    system.awaitWhole(guard);
  }

  @Override
  public void awaitQuiet(Duration guard) throws InterruptedException {
    system.awaitQuiet(guard);
  }

  @Override
  public void stop() throws IOException {
    system.stop();
  }

  @Override
  public List<String> problems() {
    return system.problems();
  }

  @Override
  public List<Finding> autopsy(Path folder, List<String> excused) throws IOException {
    return system.autopsy(folder, excused);
  }

  @Override
  public Map<String, Object> facts() throws IOException {
    return system.facts();
  }

  @Override
  public void close() throws IOException {
    system.close();
  }
}

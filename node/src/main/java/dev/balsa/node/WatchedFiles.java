package dev.balsa.node;

import dev.balsa.fsm.Activities;
import dev.balsa.raft.log.FileLayer;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.MappedByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;

/** The log's file operations, of which those that wait for the disk are told of. */
final class WatchedFiles implements FileLayer {
  private final FileLayer files;
  private final Activities activities;

  WatchedFiles(FileLayer files, Activities activities) {
    this.files = files;
    this.activities = activities;
  }

  @Override
  public void write(Path file, FileChannel channel, ByteBuffer content, long offset)
      throws IOException {
    Activities.Running running = activities.begin(Activities.Kind.WRITE);
    try {
      files.write(file, channel, content, offset);
    } finally {
      running.close();
    }
  }

  @Override
  public void force(Path file, FileChannel channel) throws IOException {
    Activities.Running running = activities.begin(Activities.Kind.FORCE);
    try {
      files.force(file, channel);
    } finally {
      running.close();
    }
  }

  @Override
  public void forceRange(Path file, MappedByteBuffer mapping, int from, int to) throws IOException {
    Activities.Running running = activities.begin(Activities.Kind.FORCE);
    try {
      files.forceRange(file, mapping, from, to);
    } finally {
      running.close();
    }
  }

  @Override
  public void forceDirectory(Path folder) throws IOException {
    Activities.Running running = activities.begin(Activities.Kind.FORCE);
    try {
      files.forceDirectory(folder);
    } finally {
      running.close();
    }
  }

  @Override
  public void rename(Path from, Path to) throws IOException {
    files.rename(from, to);
  }

  @Override
  public void delete(Path file) throws IOException {
    files.delete(file);
  }

  @Override
  public void truncate(Path file, long bytes) throws IOException {
    files.truncate(file, bytes);
  }

  @Override
  public void copyPrefix(Path from, Path to, long bytes) throws IOException {
    files.copyPrefix(from, to, bytes);
  }

  @Override
  public void createZeros(Path file, long zeroBytes, long fileBytes) throws IOException {
    Activities.Running running = activities.begin(Activities.Kind.ALLOCATION);
    try {
      files.createZeros(file, zeroBytes, fileBytes);
    } finally {
      running.close();
    }
  }

  @Override
  public void zeroAgain(Path file, long zeroBytes) throws IOException {
    Activities.Running running = activities.begin(Activities.Kind.ALLOCATION);
    try {
      files.zeroAgain(file, zeroBytes);
    } finally {
      running.close();
    }
  }

  @Override
  public void awaitDeleted() throws IOException {
    files.awaitDeleted();
  }

  @Override
  public long usableBytes(Path folder) throws IOException {
    return files.usableBytes(folder);
  }
}

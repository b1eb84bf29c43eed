package dev.balsa.sqlite;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class ResultCodeTest {
  @Test
  void namesPrimaryAndExtendedCodes() {
    assertThat(ResultCode.name(0)).isEqualTo("SQLITE_OK");
    assertThat(ResultCode.name(19)).isEqualTo("SQLITE_CONSTRAINT");
    assertThat(ResultCode.name(2067)).isEqualTo("SQLITE_CONSTRAINT_UNIQUE");
    assertThat(ResultCode.name(1034)).isEqualTo("SQLITE_IOERR_FSYNC");
    assertThat(ResultCode.name(517)).isEqualTo("SQLITE_BUSY_SNAPSHOT");
    assertThat(ResultCode.name(10 | 99 << 8)).isEqualTo("SQLITE_IOERR (25354)");
    assertThat(ResultCode.name(77)).isEqualTo("SQLite error 77");
  }

  @Test
  void anExceptionCarriesBothCodes() {
    SqliteException e = new SqliteException(517, "moved on");
    assertThat(e).hasMessage("SQLITE_BUSY_SNAPSHOT: moved on");
    assertThat(e.resultCode()).isEqualTo(ResultCode.BUSY);
    assertThat(e.extendedCode()).isEqualTo(517);
  }
}

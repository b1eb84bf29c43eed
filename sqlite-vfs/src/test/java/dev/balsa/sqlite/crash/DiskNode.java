package dev.balsa.sqlite.crash;

/** What a name in a folder stands for. */
sealed interface DiskNode permits DiskFile, DiskFolder {}

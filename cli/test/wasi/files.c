// A WASI command that goes through the C library: arguments, environment, standard streams, files, directories,
// links, times, sleeping, and its exit status. It prints what it sees.
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

static void tell(const char *what, long result) {
  printf("%s: %ld%s%s\n", what, result, result < 0 ? " " : "", result < 0 ? strerror(errno) : "");
}

static int by_name(const void *a, const void *b) { return strcmp(*(char *const *)a, *(char *const *)b); }

static void list(const char *path) {
  DIR *directory = opendir(path);
  if (directory == NULL) {
    tell(path, -1);
    return;
  }
  char *names[64];
  int count = 0;
  for (struct dirent *entry; count < 64 && (entry = readdir(directory)) != NULL;)
    if (strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0) {
      char text[300];
      snprintf(text, sizeof text, "%s(%d)", entry->d_name, entry->d_type);
      names[count++] = strdup(text);
    }
  closedir(directory);
  qsort(names, count, sizeof *names, by_name);
  printf("%s:", path);
  for (int i = 0; i < count; i++) printf(" %s", names[i]);
  printf("\n");
}

static void show(const char *path) {
  char text[100];
  FILE *file = fopen(path, "r");
  if (file == NULL) {
    tell(path, -1);
    return;
  }
  size_t length = fread(text, 1, sizeof text - 1, file);
  text[length] = 0;
  printf("%s (%zu): %s\n", path, length, text);
  fclose(file);
}

int main(int argc, char **argv) {
  for (int i = 1; i < argc; i++) printf("argument %d: %s\n", i, argv[i]);
  printf("environment: %s %s\n", getenv("NAME"), getenv("NONE") == NULL ? "and nothing" : "and more");
  char line[100];
  while (fgets(line, sizeof line, stdin) != NULL) printf("input: %s", line);

  tell("mkdir", mkdir("/data/new", 0777));
  tell("mkdir again", mkdir("/data/new", 0777));
  FILE *file = fopen("/data/new/file", "w+");
  fprintf(file, "%d lines and %.3f more\n", 42, 1.5);
  fseek(file, 3, SEEK_SET);
  fputs("LINES", file);
  tell("position", ftell(file));
  fclose(file);
  show("/data/new/file");
  file = fopen("/data/new/file", "a");
  fputs("appended", file);
  fclose(file);
  show("/data/new/file");
  show("/data/given");
  show("/data/none");
  show("/etc/passwd");
  printf("outside: %s\n", fopen("/data/../secret", "r") == NULL ? "refused" : "open");

  tell("link", link("/data/new/file", "/data/hard"));
  tell("symlink", symlink("new/file", "/data/soft"));
  show("/data/soft");
  char target[20] = {0};
  tell("readlink", readlink("/data/soft", target, sizeof target));
  struct stat status;
  tell("stat", stat("/data/soft", &status));
  printf("size %lld, links %d, regular %d\n", (long long)status.st_size, (int)status.st_nlink, S_ISREG(status.st_mode));
  tell("lstat", lstat("/data/soft", &status));
  printf("link %d\n", S_ISLNK(status.st_mode));
  struct timespec times[2] = {{1000, 0}, {2000, 0}};
  tell("utimensat", utimensat(AT_FDCWD, "/data/hard", times, 0));
  tell("stat", stat("/data/new/file", &status));
  printf("times %lld %lld %ld\n", (long long)status.st_atim.tv_sec, (long long)status.st_mtim.tv_sec, status.st_mtim.tv_nsec);

  int fd = open("/data/hard", O_RDWR);
  tell("ftruncate", ftruncate(fd, 5));
  tell("posix_fallocate", posix_fallocate(fd, 0, 10));
  tell("pwrite", pwrite(fd, "end", 3, 8));
  tell("fstat", fstat(fd, &status));
  printf("size %lld\n", (long long)status.st_size);
  tell("close", close(fd));
  list("/data");
  list("/data/new");
  list("/data/none");
  tell("rename", rename("/data/new", "/data/renamed"));
  tell("rmdir", rmdir("/data/renamed"));
  tell("unlink", unlink("/data/renamed"));
  list("/data/renamed");
  tell("unlink", unlink("/data/renamed/file"));
  tell("rmdir", rmdir("/data/renamed"));
  tell("unlink", unlink("/data/soft"));
  if (argc > 2 && strcmp(argv[2], "input") == 0) {
    tell("write", open("/input/given", O_RDWR));
    tell("create", open("/input/new", O_CREAT | O_WRONLY, 0666));
    tell("remove", unlink("/input/given"));
    show("/input/given");
  }

  struct timespec before, after, nap = {0, 20000000};
  clock_gettime(CLOCK_MONOTONIC, &before);
  nanosleep(&nap, NULL);
  clock_gettime(CLOCK_MONOTONIC, &after);
  long slept = (after.tv_sec - before.tv_sec) * 1000 + (after.tv_nsec - before.tv_nsec) / 1000000;
  printf("slept %s\n", slept >= 20 ? "long enough" : "too short");
  fprintf(stderr, "to standard error\n");
  return argc > 1 ? atoi(argv[1]) : 0;
}

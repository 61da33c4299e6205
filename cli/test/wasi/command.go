// A WASI command of Go's: its runtime, goroutines, timers, files, and how it ends.
package main

import (
	"bufio"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"sort"
	"strings"
	"sync"
	"time"
)

func main() {
	fmt.Println("arguments", os.Args[1:], os.Getenv("NAME"))
	input := bufio.NewScanner(os.Stdin)
	for input.Scan() {
		fmt.Println("input", input.Text())
	}
	total := 0
	var lock sync.Mutex
	var group sync.WaitGroup
	for i := range 10 {
		group.Go(func() {
			time.Sleep(time.Duration(10-i) * time.Millisecond)
			lock.Lock()
			total += i * i
			lock.Unlock()
		})
	}
	group.Wait()
	fmt.Println("total", total)
	select {
	case <-time.After(5 * time.Millisecond):
		fmt.Println("time is up")
	case <-make(chan int):
	}
	files()
	switch os.Args[1] {
	case "panic":
		var none map[string]int
		none["x"] = 1
	case "exit":
		os.Exit(7)
	}
}

func files() {
	check(os.MkdirAll("/data/a/b", 0o777))
	check(os.WriteFile("/data/a/b/file", []byte(strings.Repeat("text ", 5)), 0o666))
	check(os.Symlink("b/file", "/data/a/link"))
	text, err := os.ReadFile("/data/a/link")
	check(err)
	fmt.Printf("%q\n", text)
	var names []string
	check(filepath.WalkDir("/data", func(path string, entry fs.DirEntry, err error) error {
		names = append(names, fmt.Sprint(path, " ", entry.Type()))
		return err
	}))
	sort.Strings(names)
	fmt.Println(names)
	when := time.Unix(1_000_000, 0)
	check(os.Chtimes("/data/a/b/file", when, when))
	info, err := os.Stat("/data/a/link")
	check(err)
	fmt.Println(info.Size(), info.Mode().IsRegular(), info.ModTime().Equal(when))
	check(os.Truncate("/data/a/b/file", 4))
	check(os.Rename("/data/a/b", "/data/c"))
	text, err = os.ReadFile("/data/c/file")
	fmt.Printf("%q %v\n", text, err)
	_, err = os.ReadFile("/data/a/link")
	fmt.Println(errors.Is(err, fs.ErrNotExist))
	_, err = os.ReadFile("/etc/passwd")
	fmt.Println(err != nil)
	check(os.RemoveAll("/data/a"))
	check(os.RemoveAll("/data/c"))
	fmt.Println(os.Getwd())
}

func check(err error) {
	if err != nil {
		fmt.Println("failed:", err)
	}
}

// SPDX-License-Identifier: GPL-2.0-or-later

package main

import (
	"bufio"
	"encoding/gob"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"time"

	"govdsm/lab/internal/wire"
)

// server answers the one test that this host belongs to.
type server struct {
	mu      sync.Mutex // orders replies, and guards the maps
	replies *gob.Encoder
	runs    map[uint64]*run
	spaces  map[string]*space
}

// serve speaks on the virtio port until the machine is switched off.
func serve() error {
	port, err := openPort()
	if err != nil {
		return err
	}
	step("port")
	s := &server{replies: gob.NewEncoder(port), runs: map[uint64]*run{}, spaces: map[string]*space{}}
	// The first word is ours: the port cannot be written before the test has
	// opened its end, so that reading never meets a closed one.
	if err := s.reply(wire.Reply{Out: []byte("lab: agent ready\n")}); err != nil {
		return err
	}
	go s.forwardKernelLog()
	requests := gob.NewDecoder(bufio.NewReader(port))
	for {
		var q wire.Request
		if err := requests.Decode(&q); err != nil {
			return fmt.Errorf("next request: %w", err)
		}
		s.take(q)
	}
}

// openPort waits for the port, as its name comes some time after its driver.
func openPort() (*os.File, error) {
	deadline := time.Now().Add(30 * time.Second)
	for time.Now().Before(deadline) {
		names, _ := filepath.Glob("/sys/class/virtio-ports/*/name")
		for _, name := range names {
			text, err := os.ReadFile(name)
			if err == nil && strings.TrimSpace(string(text)) == wire.Port {
				return os.OpenFile("/dev/"+filepath.Base(filepath.Dir(name)), os.O_RDWR, 0)
			}
		}
		time.Sleep(5 * time.Millisecond)
	}
	return nil, errors.New("no virtio port named " + wire.Port)
}

// take starts what is asked. Whatever may take time gets a goroutine, which
// ends the conversation itself.
func (s *server) take(q wire.Request) {
	switch {
	case q.Run != nil:
		s.startRun(q.ID, q.Run)
	case q.Input != nil:
		if r := s.running(q.ID); r != nil {
			r.feed(*q.Input)
		}
	case q.Signal != 0:
		if r := s.running(q.ID); r != nil {
			r.signal(q.Signal)
		}
	case q.Setup != nil:
		s.answer(q.ID, func() error { return setup(q.Setup) })
	case q.Put != nil:
		s.answer(q.ID, func() error { return s.put(q.Space, q.Put) })
	case q.Get != "":
		s.answer(q.ID, func() error { return s.get(q.ID, q.Space, q.Get) })
	case q.Open != "":
		s.answer(q.ID, func() error { return s.openSpace(q.Open) })
	case q.Close != "":
		s.answer(q.ID, func() error { return s.closeSpace(q.Close) })
	case q.Power:
		powerOff()
	}
}

func (s *server) running(id uint64) *run {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.runs[id]
}

func (s *server) answer(id uint64, do func() error) {
	go func() {
		begin := time.Now()
		err := do()
		s.done(id, 0, err, time.Since(begin))
	}()
}

func (s *server) done(id uint64, code int, err error, lasted time.Duration) {
	done := &wire.Done{Code: code, Lasted: lasted}
	if err != nil {
		done.Error = err.Error()
	}
	_ = s.reply(wire.Reply{ID: id, Done: done})
}

// reply sends one message. It fails only when the test has gone, and then the
// machine is about to be switched off.
func (s *server) reply(r wire.Reply) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.replies.Encode(r)
}

// path returns the path, seen from here, of a file in a space.
func (s *server) path(space, path string) (string, error) {
	if space == "" {
		return path, nil
	}
	sp, err := s.findSpace(space)
	if err != nil {
		return "", err
	}
	return fmt.Sprintf("/proc/%d/root/%s", sp.holder.Process.Pid, path), nil
}

func (s *server) put(space string, f *wire.File) error {
	path, err := s.path(space, f.Path)
	if err != nil {
		return err
	}
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		return err
	}
	mode := os.FileMode(f.Mode)
	if err := os.WriteFile(path, f.Data, mode); err != nil {
		return err
	}
	return os.Chmod(path, mode) // whatever the umask or the old file said
}

func (s *server) get(id uint64, space, path string) error {
	path, err := s.path(space, path)
	if err != nil {
		return err
	}
	f, err := os.Open(path)
	if err != nil {
		return err
	}
	defer f.Close()
	_, err = io.Copy(output{s, id, false}, f)
	return err
}

// forwardKernelLog sends the kernel's messages as they come, so that they are
// known even of a host that is cut off or frozen a moment later.
func (s *server) forwardKernelLog() {
	f, err := os.Open("/dev/kmsg")
	if err != nil {
		return
	}
	defer f.Close()
	record := make([]byte, 8192) // one read, one record: "prio,seq,µs,flags;text\n key=value\n"
	for {
		n, err := f.Read(record)
		if err != nil {
			if errors.Is(err, os.ErrClosed) || errors.Is(err, io.EOF) {
				return
			}
			continue // EPIPE: messages were lost, the next read goes on after them
		}
		head, text, _ := strings.Cut(string(record[:n]), ";")
		text, _, _ = strings.Cut(text, "\n")
		fields := strings.Split(head, ",")
		var micros int64
		if len(fields) > 2 {
			_, _ = fmt.Sscan(fields[2], &micros)
		}
		line := fmt.Sprintf("[%12.6f] %s\n", float64(micros)/1e6, text)
		if s.reply(wire.Reply{Out: []byte(line)}) != nil {
			return
		}
	}
}

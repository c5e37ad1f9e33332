// SPDX-License-Identifier: GPL-2.0-or-later

package outofprocess

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/signal"
	"sync"
	"syscall"
	"time"
)

// ServeIfHelper makes the process a helper if it was started as one, and then
// does not return. main calls it before anything else.
func ServeIfHelper() {
	if len(os.Args) == 0 || os.Args[0] != helperName {
		return
	}
	// The daemon says when it is over: systemd's signal reaches both, and the
	// daemon may have to finish what it does.
	signal.Ignore(syscall.SIGINT, syscall.SIGTERM, syscall.SIGHUP, syscall.SIGPIPE)
	if err := serve(os.NewFile(3, "daemon")); err != nil {
		fmt.Fprintln(os.Stderr, helperName+":", err)
		os.Exit(1)
	}
	os.Exit(0) // whatever still hangs
}

// serve answers requests until the other end is closed.
func serve(socket *os.File) error {
	conn, err := connection(socket)
	if err != nil {
		return err
	}
	s := &server{codec: newCodec(conn), running: make(map[uint64]context.CancelFunc)}
	for {
		r := new(request)
		if err := s.codec.dec.Decode(r); err != nil {
			return nil // the daemon has gone, or does not want us any more
		}
		if r.Op == opCancel {
			s.cancel(r.ID)
			continue
		}
		ctx := s.begin(r.ID)
		go s.answer(ctx, r) // the daemon bounds how many there are
	}
}

type server struct {
	codec *codec

	mu      sync.Mutex
	running map[uint64]context.CancelFunc
}

func (s *server) begin(id uint64) context.Context {
	s.mu.Lock()
	defer s.mu.Unlock()
	ctx, cancel := context.WithCancel(context.Background())
	s.running[id] = cancel
	return ctx
}

func (s *server) cancel(id uint64) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if cancel, ok := s.running[id]; ok {
		cancel()
	}
}

func (s *server) end(id uint64) {
	s.cancel(id)
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.running, id)
}

// answer carries one request out.
func (s *server) answer(ctx context.Context, r *request) {
	defer s.end(r.ID)
	o := &operation{request: r, response: &response{ID: r.ID}, alive: s.alive(r.ID)}
	o.response.Err = toWire(o.run(ctx))
	if o.file != nil {
		defer o.file.Close()
		o.response.HasFile = o.response.Err == nil
	}
	// If it cannot be written the daemon is gone, which serve notices, too.
	_ = s.codec.write(o.response, o.file)
}

// alive returns what long operations call while they get on: the daemon takes
// a helper without a sign of life for stuck.
func (s *server) alive(id uint64) func(done int64) {
	last := time.Now()
	return func(done int64) {
		if time.Since(last) < 200*time.Millisecond {
			return
		}
		last = time.Now()
		_ = s.codec.write(&response{ID: id, Progress: true, Size: done}, nil)
	}
}

// operation is one request with its answer.
type operation struct {
	*request
	*response
	root  *os.Root
	file  *os.File // to send along
	alive func(done int64)
}

// run opens the folder and carries the request out. The folder is opened for
// each request anew: so nothing here is in the way of an unmount, or becomes
// stale.
func (o *operation) run(ctx context.Context) error {
	root, err := os.OpenRoot(o.Root)
	if err != nil {
		// Its own error for what is no folder has no number.
		if i, look := os.Stat(o.Root); look == nil && !i.IsDir() {
			return syscall.ENOTDIR
		}
		return err
	}
	defer root.Close()
	o.root = root
	if f := o.reading(); f != nil {
		return f()
	}
	if f := o.writing(ctx); f != nil {
		return f()
	}
	return errors.New("the I/O helper does not know the operation")
}

// SPDX-License-Identifier: GPL-2.0-or-later

package outofprocess

import (
	"context"
	"errors"
	"os"
	"os/exec"
	"sync"
	"syscall"
	"time"

	"golang.org/x/sys/unix"
)

// helperName is the name that helpers have in lists of processes, and by which
// the program knows that it is to be one.
const helperName = "vdsm-io"

// errUnsent says that a helper had ended before it was asked: another may be.
var errUnsent = errors.New("the I/O helper has ended")

// helper is one process. It has two goroutines, which end with it.
type helper struct {
	domain *domain
	cmd    *exec.Cmd
	codec  *codec
	outbox chan request  // has room for all there can be
	gone   chan struct{} // closed when no more answers come

	outstanding int // requests without an answer; domain.mu is held

	mu      sync.Mutex // taken after domain.mu
	last    uint64
	pending map[uint64]*call
	callers int       // who still wait for their answer
	heard   time.Time // of the last sign of life
	silent  bool
}

// call is a request under way.
type call struct {
	answers  chan *response // one at most
	progress func(done int64)
	sent     time.Time
	hung     *time.Timer
	left     bool // the caller has gone
	finish   func()
}

// start runs a helper. d.mu is held.
func start(d *domain) (*helper, error) {
	conn, theirs, err := pair()
	if err != nil {
		return nil, err
	}
	defer theirs.Close()
	// The file that runs, even if a newer version has taken its place.
	cmd := exec.Command("/proc/self/exe")
	cmd.Args = []string{helperName, d.key}
	cmd.Env = append(os.Environ(), "GOMAXPROCS=2", "GOMEMLIMIT=64MiB")
	cmd.Stderr = os.Stderr
	cmd.ExtraFiles = []*os.File{theirs}
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true} // a terminal's Ctrl-C is not for it
	if err := cmd.Start(); err != nil {
		conn.Close()
		return nil, err
	}
	h := &helper{
		domain: d, cmd: cmd, codec: newCodec(conn),
		outbox:  make(chan request, 4*(d.pool.o.Slots+1)),
		gone:    make(chan struct{}),
		pending: make(map[uint64]*call),
	}
	d.pool.wait.Go(h.send)
	d.pool.wait.Go(h.receive)
	return h, nil
}

// do sends a request, whose slot has been acquired, and waits for the answer.
// errUnsent says that the helper has ended before.
func (h *helper) do(ctx context.Context, r request, progress func(int64), finish func()) (*response, error) {
	c := &call{answers: make(chan *response, 1), progress: progress, sent: time.Now(), finish: finish}
	if !h.register(c, &r) {
		return nil, errUnsent
	}
	select {
	case h.outbox <- r: // first of all: what is registered must be sent
	default:
		select {
		case h.outbox <- r:
		case <-h.gone: // which settles the call
		case <-ctx.Done(): // the helper does not read: its time-out will tell
		}
	}
	select {
	case answer := <-c.answers:
		return h.answered(ctx, answer)
	case <-h.gone:
	case <-ctx.Done():
	}
	answer, silent, alone := h.leave(c)
	if answer != nil {
		return h.answered(ctx, answer)
	}
	if silent && alone {
		h.kill()
	}
	if ctx.Err() != nil {
		h.cancel(r.ID)
		return nil, ended(ctx)
	}
	if silent {
		return nil, ErrTimeout
	}
	return nil, ErrDied
}

// register gives a request its number and notes who waits for its answer.
func (h *helper) register(c *call, r *request) bool {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.pending == nil {
		return false
	}
	h.last++
	r.ID = h.last
	h.pending[r.ID] = c
	h.callers++
	// Its own time-out and not the caller's: that may be short for good reasons.
	c.hung = time.AfterFunc(h.domain.pool.o.Timeout, func() { h.suspect(c) })
	return true
}

// leave is for a caller that waits no longer. The answer may have come
// meanwhile.
func (h *helper) leave(c *call) (answer *response, silent, alone bool) {
	h.mu.Lock()
	defer h.mu.Unlock()
	select {
	case answer = <-c.answers:
		return answer, false, false
	default:
	}
	c.left = true
	h.callers--
	return nil, h.silent, h.callers == 0
}

func (h *helper) answered(ctx context.Context, r *response) (*response, error) {
	if r.Err != nil && r.Err.Kind == cancelled && ctx.Err() != nil {
		return nil, ended(ctx)
	}
	return r, nil
}

// cancel asks the helper to give up a request. Only long ones heed it.
func (h *helper) cancel(id uint64) {
	select {
	case h.outbox <- request{ID: id, Op: opCancel}:
	default:
	}
}

// suspect is called when a request has been without an answer for long. If
// nothing else has been answered since, the helper has fallen silent.
func (h *helper) suspect(c *call) {
	h.mu.Lock()
	if h.heard.After(c.sent) || h.silent || h.pending == nil {
		h.mu.Unlock()
		return
	}
	h.silent = true
	useless := h.callers == 0
	h.mu.Unlock()
	o := &h.domain.pool.o
	o.Log.Warn("an I/O helper has fallen silent and is replaced", "domain", h.domain.key, "pid", h.cmd.Process.Pid)
	h.domain.replace(h, true)
	if useless {
		h.kill()
		return
	}
	// Whoever was sent before has had its time by then.
	late := time.AfterFunc(o.Timeout, h.kill)
	h.domain.pool.wait.Go(func() {
		<-h.gone
		late.Stop()
	})
}

// kill ends the process as soon as the kernel allows, and those who wait for
// its answers at once.
func (h *helper) kill() {
	_ = h.cmd.Process.Kill() // it may have ended already
	h.codec.close()
}

// send writes requests until the helper is gone. A request that cannot be
// written is one without an answer.
func (h *helper) send() {
	for {
		select {
		case r := <-h.outbox:
			if err := h.codec.write(&r, nil); err != nil {
				h.kill()
				return
			}
		case <-h.gone:
			return
		}
	}
}

// receive hands answers out until the helper is gone, and reaps it.
func (h *helper) receive() {
	for {
		r, err := h.codec.readResponse()
		if err != nil {
			break
		}
		h.deliver(r)
	}
	h.domain.replace(h, false)
	h.kill()
	h.mu.Lock()
	left := h.pending
	h.pending = nil
	h.mu.Unlock()
	close(h.gone)
	for _, c := range left {
		h.end(c)
	}
	_ = h.cmd.Wait() // it was killed
	h.domain.reaped(h)
}

// deliver hands one answer to its caller.
func (h *helper) deliver(r *response) {
	h.mu.Lock()
	c, known := h.pending[r.ID]
	h.heard = time.Now()
	if known && r.Progress {
		c.hung.Reset(h.domain.pool.o.Timeout)
		c.sent = h.heard
		h.mu.Unlock()
		if c.progress != nil {
			c.progress(r.Size)
		}
		return
	}
	delete(h.pending, r.ID)
	wanted := known && !c.left
	if wanted {
		h.callers--
		c.answers <- r
	} else if r.HasFile {
		_ = unix.Close(r.fd) // nobody wants it
	}
	h.mu.Unlock()
	if known {
		h.end(c)
	}
}

// end settles a call that will get no further answer.
func (h *helper) end(c *call) {
	c.hung.Stop()
	if c.finish != nil {
		c.finish()
	}
	h.domain.release(h)
}

// SPDX-License-Identifier: GPL-2.0-or-later

package setup

import (
	"context"
	"os"
	"path/filepath"
	"testing"
	"time"

	"govdsm/api"
)

// waits is a root's helper whose changes last until they are let go.
type waits struct{ began, end chan struct{} }

func (w waits) Setup(context.Context, *api.HostSetupNetworksParams) error {
	close(w.began)
	<-w.end
	return nil
}

func (waits) SetSafe(context.Context) error { return nil }

func (waits) ChangeNumVFs(context.Context, string, uint64) error { return nil }

// A ping touches the file at once while a change is under way, and seldom
// otherwise.
func TestPingsAreNoted(t *testing.T) {
	t.Parallel()
	log := filepath.Join(t.TempDir(), "client.log")
	root := waits{make(chan struct{}), make(chan struct{})}
	s := New(Options{Root: root, ClientLog: log})
	touched := func() bool {
		t.Helper()
		long := time.Now().Add(-time.Hour)
		if err := os.Chtimes(log, long, long); err != nil && !os.IsNotExist(err) {
			t.Fatal(err)
		}
		s.ConfirmConnectivity()
		info, err := os.Stat(log)
		if err != nil {
			t.Fatal(err)
		}
		return info.ModTime().After(long)
	}
	if !touched() {
		t.Error("the first ping is not noted")
	}
	s.confirmed.Store(time.Now().Add(time.Hour).UnixNano()) // as if it had just been
	if touched() {
		t.Error("the next ping is noted, with no change under way")
	}
	done := make(chan error, 1)
	go func() {
		_, err := s.setupNetworks(t.Context(), &api.HostSetupNetworksParams{})
		done <- err
	}()
	<-root.began
	for range 2 {
		if !touched() {
			t.Error("a ping in a change is not noted")
		}
	}
	close(root.end)
	if err := <-done; err != nil {
		t.Error(err)
	}
	s.confirmed.Store(0)
	if !touched() {
		t.Error("a ping long after the last one is not noted")
	}
}

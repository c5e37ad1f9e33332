// SPDX-License-Identifier: GPL-2.0-or-later

package clusterlock

import (
	"encoding/json"
	"errors"
	"os"
	"testing"

	"govdsm/api"
)

// Two processes have open files of their own, as two hosts in one process do.
func TestLocalIsForOneProcess(t *testing.T) {
	ids, sdm := files(t)
	a, b := NewLocalHost(), NewLocalHost()
	defer a.Close()
	defer b.Close()
	la, lb := a.Domain(domain, ids, sdm), b.Domain(domain, ids, sdm)
	if err := errors.Join(la.AcquireHostID(t.Context(), 1, true), la.Acquire(t.Context(), 1, sdm)); err != nil {
		t.Fatal(err)
	}
	if err := lb.Acquire(t.Context(), 1, sdm); !errors.Is(err, api.ErrAcquireLockFailure) {
		t.Error("two owners:", err)
	}
	if err := la.Acquire(t.Context(), 1, sdm); err != nil {
		t.Error("its own lease:", err)
	}
	if err := la.AcquireHostID(t.Context(), 2, true); !errors.Is(err, api.ErrAcquireHostIdFailure) {
		t.Error("another host id:", err)
	}
	a.Close()
	if err := lb.Acquire(t.Context(), 1, sdm); err != nil {
		t.Error("after the owner is gone:", err)
	}
}

func TestLocalErrors(t *testing.T) {
	ids, sdm := files(t)
	h := NewLocalHost()
	defer h.Close()
	lock := h.Domain(domain, ids, sdm)
	other := Lease{"other", "", 0}
	for name, err := range map[string]error{
		"init": lock.Init(t.Context(), other), "acquire": lock.Acquire(t.Context(), 1, other),
		"release": lock.Release(t.Context(), other),
	} {
		if !errors.Is(err, ErrOneLease) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if err := lock.Release(t.Context(), sdm); err != nil {
		t.Error("a lease that is not held:", err)
	}
	if err := os.Remove(ids); err != nil {
		t.Fatal(err)
	}
	if err := lock.Acquire(t.Context(), 1, sdm); !errors.Is(err, os.ErrNotExist) {
		t.Error(err)
	}
}

func TestAlignment(t *testing.T) {
	text, err := os.ReadFile("../volumesize/testdata/volume-sizes.json")
	if err != nil {
		t.Fatal(err)
	}
	var recorded struct {
		Cases []struct {
			BlockSize int64 `json:"block_size"`
			MaxHosts  int   `json:"max_hosts"`
			Alignment int64
		} `json:"alignment_for_hosts"`
	}
	if err := json.Unmarshal(text, &recorded); err != nil || len(recorded.Cases) < 10 {
		t.Fatal(err, len(recorded.Cases))
	}
	for _, c := range recorded.Cases {
		if got, err := Alignment(c.BlockSize, c.MaxHosts); got != c.Alignment || err != nil {
			t.Errorf("%+v: %d, %v", c, got, err)
		}
	}
	for _, bad := range [][2]int{{512, 0}, {512, 2001}, {4096, -1}, {0, 1}, {1024, 1}} {
		if _, err := Alignment(int64(bad[0]), bad[1]); !errors.Is(err, api.ErrInvalidParameterException) {
			t.Error(bad, err)
		}
	}
}

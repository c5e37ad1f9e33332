// SPDX-License-Identifier: GPL-2.0-or-later

package clusterlock

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"

	"govdsm/api"
	"govdsm/internal/storage/sanlock"
	"govdsm/internal/storage/xlease"
)

// dataSize is the room for the data of a lease, in bytes.
const dataSize = 512

// WriteLease writes a lease that nobody holds, over whatever is there: that of
// a new volume.
func (s *Sanlock) WriteLease(ctx context.Context, l Lease) error {
	return s.host.client.WriteResource(ctx, s.resource(l), false)
}

// AcquireWithData is Acquire for a lease whose data is to be read or written:
// an external lease. Errors are those of Acquire.
func (s *Sanlock) AcquireWithData(ctx context.Context, hostID int, l Lease) error {
	return s.acquire(ctx, hostID, l, sanlock.AcquireOptions{LVB: true})
}

// SetData writes the data of a lease that this process has acquired with it,
// as JSON. Other hosts see it after the release. Errors are
// [api.ErrSanlockLVB].
func (s *Sanlock) SetData(ctx context.Context, l Lease, data any) error {
	text, err := json.Marshal(data)
	if err == nil && len(text) > dataSize {
		err = fmt.Errorf("%d bytes of data, there is room for %d", len(text), dataSize)
	}
	if err == nil {
		// All of it, so that nothing of earlier data remains.
		err = s.host.client.SetLVB(ctx, s.held(l), append(text, make([]byte, dataSize-len(text))...))
	}
	if err != nil {
		return api.ErrSanlockLVB.Of(err.Error()).Caused(err)
	}
	return nil
}

// Data reads the data of a lease that this process has acquired with it. A
// lease that never had data leaves data as it is and returns false. Errors
// are [api.ErrSanlockLVB].
func (s *Sanlock) Data(ctx context.Context, l Lease, data any) (bool, error) {
	text, err := s.host.client.GetLVB(ctx, s.held(l), dataSize)
	text = bytes.TrimRight(text, "\x00")
	if err == nil && len(text) > 0 {
		err = json.Unmarshal(text, data)
	}
	if err != nil {
		return false, api.ErrSanlockLVB.Of(err.Error()).Caused(err)
	}
	return len(text) > 0, nil
}

// Resources returns the leases of a leases volume, for its index.
func (s *Sanlock) Resources(path string) xlease.Resources { return resources{s, path} }

type resources struct {
	lock *Sanlock
	path string
}

// WriteResource implements [xlease.Resources].
func (r resources) WriteResource(ctx context.Context, lockspace, resource string, offset int64) error {
	written := r.lock.resource(Lease{resource, r.path, offset})
	written.Lockspace = lockspace
	return r.lock.host.client.WriteResource(ctx, written, false)
}

// ReadResource implements [xlease.Resources].
func (r resources) ReadResource(ctx context.Context, offset int64) (string, error) {
	nameless := r.lock.resource(Lease{"", r.path, offset})
	nameless.Lockspace = ""
	found, err := r.lock.host.client.ReadResource(ctx, nameless)
	if errors.Is(err, sanlock.LeaderMagic) || err == nil && found.Name == "" {
		return "", xlease.ErrNoResource
	}
	return found.Name, err
}

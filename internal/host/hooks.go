// SPDX-License-Identifier: GPL-2.0-or-later

package host

import (
	"context"
	"encoding/json"
)

// hooked reports whether a point has scripts.
func (h *Host) hooked(point string) bool {
	return h.options.Hooks != nil && h.options.Hooks.Any(point)
}

// before runs the scripts of a point that comes before an answer. The error is
// theirs, and the answer's.
func (h *Host) before(ctx context.Context, point string) error {
	if !h.hooked(point) {
		return nil
	}
	_, err := h.options.Hooks.RunJSON(ctx, point, []byte("{}"), nil)
	return err
}

// after hands an answer to the scripts of a point and returns what they made
// of it. There is none without scripts, and none when they fail or leave
// something that is no JSON object: the answer then goes out as it is.
func (h *Host) after(ctx context.Context, point string, answer any) (json.RawMessage, bool) {
	if !h.hooked(point) {
		return nil, false
	}
	document, err := json.Marshal(answer)
	if err == nil {
		document, err = h.options.Hooks.RunJSON(ctx, point, document, nil)
	}
	var object map[string]json.RawMessage
	if err == nil {
		err = json.Unmarshal(document, &object)
	}
	if err != nil || object == nil {
		h.options.Log.WarnContext(ctx, "hook left no answer, it stays as it was", "point", point, "error", err)
		return nil, false
	}
	return document, true
}

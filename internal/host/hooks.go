// SPDX-License-Identifier: GPL-2.0-or-later

package host

import (
	"context"
	"encoding/json"
)

// before runs the scripts of a point that get no document. One that fails is
// logged; the call goes on.
func (h *Host) before(ctx context.Context, point string) {
	if h.options.Hooks == nil || !h.options.Hooks.Has(point) {
		return
	}
	if _, err := h.options.Hooks.JSON(ctx, point, nil); err != nil {
		h.options.Log.WarnContext(ctx, "hook failed", "point", point, "error", err)
	}
}

// after hands an answer to the scripts of a point and returns what they made
// of it. There is none without scripts, and none when they fail or leave
// something that is no JSON object: the answer then goes out as it is.
func (h *Host) after(ctx context.Context, point string, answer any) (json.RawMessage, bool) {
	if h.options.Hooks == nil || !h.options.Hooks.Has(point) {
		return nil, false
	}
	document, err := json.Marshal(answer)
	if err == nil {
		document, err = h.options.Hooks.JSON(ctx, point, document)
	}
	if err != nil {
		h.options.Log.WarnContext(ctx, "hook failed, the answer is as it was", "point", point, "error", err)
		return nil, false
	}
	var object map[string]json.RawMessage
	if err := json.Unmarshal(document, &object); err != nil || object == nil {
		h.options.Log.WarnContext(ctx, "hook left no JSON object, the answer is as it was", "point", point, "error", err)
		return nil, false
	}
	return document, true
}

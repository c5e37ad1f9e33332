// SPDX-License-Identifier: GPL-2.0-or-later

package hook

import (
	"crypto/sha256"
	"encoding/hex"
	"io"
	"os"
	"path/filepath"

	"govdsm/api"
)

// Installed returns the scripts by point and file name, each with its SHA-256
// in hex, which is "" when the file is unreadable. It lists every folder,
// also of points this version does not know; folders without scripts are left
// out.
func (r *Runner) Installed() api.HookScriptInfoMap {
	found := make(api.HookScriptInfoMap)
	dirs, err := os.ReadDir(r.opt.Dir)
	if err != nil {
		return found // no folder, no hooks
	}
	for _, dir := range dirs {
		scripts, err := r.scripts(dir.Name())
		if err != nil || len(scripts) == 0 {
			continue
		}
		info := make(api.HookScriptAdditional, len(scripts))
		for _, path := range scripts {
			info[filepath.Base(path)] = api.HookScriptInfo{Checksum: checksum(path)}
		}
		found[dir.Name()] = info
	}
	return found
}

// Any reports whether the point has scripts. Where it has none, a caller need
// not make the document.
func (r *Runner) Any(point string) bool {
	scripts, err := r.scripts(point)
	return err != nil || len(scripts) > 0
}

func checksum(path string) string {
	f, err := os.Open(path)
	if err != nil {
		return ""
	}
	defer f.Close() //nolint:errcheck // only read from
	h := sha256.New()
	if _, err := io.Copy(h, f); err != nil {
		return ""
	}
	return hex.EncodeToString(h.Sum(nil))
}

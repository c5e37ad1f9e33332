// SPDX-License-Identifier: GPL-2.0-or-later

package sandbox

import (
	"os"
	"path/filepath"
)

// Cache is where sandboxes hand on what is costly to learn or fetch anew:
// $XDG_CACHE_HOME/govdsm.
func Cache() (string, error) {
	dir, err := os.UserCacheDir()
	return filepath.Join(dir, "govdsm"), err
}

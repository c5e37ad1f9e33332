// SPDX-License-Identifier: GPL-2.0-or-later

package hook

import (
	"os"
	"path/filepath"
)

// Modules is the folder of the module hooking, for Options.PythonPath: where it
// was installed with the running program, or where it is in the sources the
// program was built in. It is "" when there is none.
func Modules() string {
	program, err := os.Executable()
	if err != nil {
		return ""
	}
	for _, dir := range []string{"share/govdsm/python", "packaging/python"} {
		dir = filepath.Join(filepath.Dir(filepath.Dir(program)), dir)
		if _, err := os.Stat(filepath.Join(dir, "hooking.py")); err == nil {
			return dir
		}
	}
	return ""
}

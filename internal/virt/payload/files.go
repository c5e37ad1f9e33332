// SPDX-License-Identifier: GPL-2.0-or-later

package payload

import (
	"encoding/base64"
	"fmt"
	"maps"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

// decode checks the payload's names and size and returns contents by clean
// path.
func decode(img Image) (map[string][]byte, error) {
	if len(img.Files) > MaxFiles {
		return nil, fmt.Errorf("%w: %d files, at most %d", ErrBadPayload, len(img.Files), MaxFiles)
	}
	if err := checkLabel(img.Kind, img.Label); err != nil {
		return nil, err
	}
	files := make(map[string][]byte, len(img.Files))
	seen := make(map[string]bool)
	total := 0
	for name, text := range img.Files {
		if err := checkName(img.Kind, name); err != nil {
			return nil, err
		}
		clean := path.Clean(name)
		// FAT and Joliet do not tell letters by case.
		if folded := strings.ToLower(clean); seen[folded] {
			return nil, fmt.Errorf("%w: two files are called %.80q", ErrBadPayload, clean)
		} else {
			seen[folded] = true
		}
		content, err := base64.StdEncoding.DecodeString(strings.Join(strings.Fields(text), ""))
		if err != nil {
			return nil, fmt.Errorf("%w: content of %.80q: %w", ErrBadPayload, name, err)
		}
		if total += len(content); total > MaxSize {
			return nil, fmt.Errorf("%w: more than %d bytes", ErrBadPayload, MaxSize)
		}
		files[clean] = content
	}
	return files, nil
}

// checkName refuses paths that lead out of the image and names that an image
// cannot carry as they are.
func checkName(kind Kind, name string) error {
	switch {
	case !filepath.IsLocal(name) || path.Clean(name) == ".":
		return fmt.Errorf("%w: path %.80q leads out of the image", ErrBadPayload, name)
	case !utf8.ValidString(name) || strings.ContainsFunc(name, unicode.IsControl):
		return fmt.Errorf("%w: path %.80q has characters that no name can have", ErrBadPayload, name)
	}
	parts := strings.Split(path.Clean(name), "/")
	if len(parts) > MaxDepth {
		return fmt.Errorf("%w: path %.80q has more than %d parts", ErrBadPayload, name, MaxDepth)
	}
	for _, part := range parts {
		if kind == Floppy && (strings.ContainsAny(part, `\:*?"<>|`) || strings.TrimRight(part, " .") != part) {
			return fmt.Errorf("%w: a floppy cannot carry the name %.80q", ErrBadPayload, part)
		}
	}
	return nil
}

// checkLabel knows the room that the file systems have for a volume id.
func checkLabel(kind Kind, label string) error {
	limit := 32
	if kind == Floppy {
		limit = 11
	}
	bad := func(r rune) bool { return r < 0x20 || r > 0x7e }
	if len(label) > limit || strings.ContainsFunc(label, bad) {
		return fmt.Errorf("%w: volume id %.80q", ErrBadPayload, label)
	}
	return nil
}

// layOut writes the files below dir. The names were checked; the root makes
// sure of it.
func layOut(dir string, files map[string][]byte) error {
	if err := os.Mkdir(dir, 0o755); err != nil {
		return err
	}
	root, err := os.OpenRoot(dir)
	if err != nil {
		return err
	}
	defer root.Close() //nolint:errcheck // a directory handle
	// Sorted, a file comes before what would be inside it, and the clash shows.
	for _, name := range slices.Sorted(maps.Keys(files)) {
		if err := root.MkdirAll(path.Dir(name), 0o755); err != nil {
			return fmt.Errorf("%w: %w", ErrBadPayload, err)
		}
		if err := root.WriteFile(name, files[name], 0o640); err != nil {
			return err
		}
	}
	return nil
}

// SPDX-License-Identifier: GPL-2.0-or-later

package privileged

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"reflect"
)

// Open files travel beside the JSON. A struct of parameters or results that
// has fields of type *os.File (tagged json:"-") sends what they hold; the
// receiver's fields get files of their own. nil stays nil.
//
//	type TapResult struct {
//		Tap *os.File `json:"-"`
//	}

// mostFiles bounds the files of one message; the kernel's own limit is 253.
const mostFiles = 16

// attached are the files of a message and the fields they belong to.
type attached struct {
	fields []int // index among the struct's fields
	files  []*os.File
}

func (a attached) close() {
	for _, f := range a.files {
		f.Close()
	}
}

// encode takes apart a pointer to a struct, or to any other type without files.
func encode(v any) (json.RawMessage, attached, error) {
	var a attached
	if s := reflect.ValueOf(v).Elem(); s.Kind() == reflect.Struct {
		for i := range s.NumField() {
			if f, ok := fileField(s, i); ok && f != nil {
				a.fields = append(a.fields, i)
				a.files = append(a.files, f)
			}
		}
	}
	if len(a.files) > mostFiles {
		return nil, a, fmt.Errorf("more than %d files", mostFiles)
	}
	raw, err := json.Marshal(v)
	return raw, a, err
}

// decode fills into, a pointer, and hands it the files. On failure the files
// are closed.
func decode(raw json.RawMessage, a attached, into any) error {
	if len(raw) > 0 {
		if err := json.Unmarshal(raw, into); err != nil {
			a.close()
			return err
		}
	}
	if err := place(a, into); err != nil {
		a.close()
		return err
	}
	return nil
}

func place(a attached, into any) error {
	if len(a.fields) != len(a.files) {
		return fmt.Errorf("%d files came for %d fields", len(a.files), len(a.fields))
	}
	s := reflect.ValueOf(into).Elem()
	taken := make(map[int]bool)
	for _, i := range a.fields {
		if s.Kind() != reflect.Struct || i < 0 || i >= s.NumField() || taken[i] {
			return errors.New("a file came for a field that is not there")
		}
		if _, ok := fileField(s, i); !ok {
			return errors.New("a file came for a field of another type")
		}
		taken[i] = true
	}
	for n, i := range a.fields {
		s.Field(i).Set(reflect.ValueOf(a.files[n]))
	}
	return nil
}

func fileField(s reflect.Value, i int) (*os.File, bool) {
	if !s.Type().Field(i).IsExported() {
		return nil, false
	}
	f, ok := s.Field(i).Interface().(*os.File)
	return f, ok
}

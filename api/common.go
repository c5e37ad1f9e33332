// SPDX-License-Identifier: GPL-2.0-or-later

package api

// StringMap maps text to text.
type StringMap map[string]string

// UUID is an identifier in the form of RFC 4122, in lower case as a rule. Its
// spelling is not checked: some members that carry it hold names.
type UUID string

// StringListMap maps text to a list of texts.
type StringListMap map[string][]string

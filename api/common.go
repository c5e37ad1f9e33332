// SPDX-License-Identifier: GPL-2.0-or-later

package api

type StringMap map[string]string

type UUID string

type StringListMap map[string][]string

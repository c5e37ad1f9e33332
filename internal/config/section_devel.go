// SPDX-License-Identifier: GPL-2.0-or-later

package config

// Devel is section [devel]: switches for developers.
type Devel struct {
	CPUProfileEnable    bool   `name:"cpu_profile_enable" default:"false" use:"no" why:"it tunes the Python interpreter of the original" doc:"CPU profiler"`
	CPUProfileFilename  string `name:"cpu_profile_filename" default:"/run/vdsm/vdsmd.prof" use:"no" why:"it tunes the Python interpreter of the original" doc:"CPU profile file"`
	CPUProfileFormat    string `name:"cpu_profile_format" default:"pstat" use:"no" why:"it tunes the Python interpreter of the original" doc:"CPU profile format"`
	CPUProfileBuiltins  bool   `name:"cpu_profile_builtins" default:"false" use:"no" why:"it tunes the Python interpreter of the original" doc:"profile built-in functions"`
	CPUProfileClock     string `name:"cpu_profile_clock" default:"cpu" oneof:"cpu,wall" use:"no" why:"it tunes the Python interpreter of the original" doc:"cpu or wall clock"`
	MemoryProfileEnable bool   `name:"memory_profile_enable" default:"false" use:"no" why:"it tunes the Python interpreter of the original" doc:"memory profiler"`
	MemoryProfilePort   int    `name:"memory_profile_port" default:"9090" min:"1" max:"65535" use:"no" why:"it tunes the Python interpreter of the original" doc:"memory profiler web port"`
	ManholeEnable       bool   `name:"manhole_enable" default:"false" use:"no" why:"there is no interpreter to attach to" doc:"debug socket"`
	CoverageEnable      bool   `name:"coverage_enable" default:"false" use:"no" why:"it tunes the Python interpreter of the original" doc:"code coverage"`
	M2CDebugEnable      bool   `name:"m2c_debug_enable" default:"false" use:"no" why:"it had no effect in the original either" doc:"TLS debug (no effect)"`
	APIStrictMode       bool   `name:"api_strict_mode" default:"false" use:"yes" doc:"reject data that breaks the schema"`
	XMLMinimalChanges   bool   `name:"xml_minimal_changes" default:"true" doc:"change domain XML as little as possible"`
}

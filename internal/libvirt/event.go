// SPDX-License-Identifier: GPL-2.0-or-later

package libvirt

import binding "libvirt.org/go/libvirt"

// Event is something that libvirt told, or that happened to the connection:
// one of the types of this file.
type Event interface{ isEvent() }

// Connected tells that calls work again. What happened before was not heard.
type Connected struct{}

// Disconnected tells that libvirtd is gone. Its guests run on.
type Disconnected struct{ Reason error }

// Lost tells that events were thrown away because the handler was too slow.
type Lost struct{}

// Lifecycle tells that a domain changed its state.
type Lifecycle struct {
	VM     string // the domain's UUID, here and below
	Change Change
	Detail int // depends on Change; see the constants below
}

// Change is what happened to a domain (virDomainEventType).
type Change int

// Changes of a domain.
const (
	Defined     = Change(binding.DOMAIN_EVENT_DEFINED)
	Undefined   = Change(binding.DOMAIN_EVENT_UNDEFINED)
	Started     = Change(binding.DOMAIN_EVENT_STARTED)
	Suspended   = Change(binding.DOMAIN_EVENT_SUSPENDED)
	Resumed     = Change(binding.DOMAIN_EVENT_RESUMED)
	Stopped     = Change(binding.DOMAIN_EVENT_STOPPED)
	Shutdown    = Change(binding.DOMAIN_EVENT_SHUTDOWN)
	PMSuspended = Change(binding.DOMAIN_EVENT_PMSUSPENDED)
	Crashed     = Change(binding.DOMAIN_EVENT_CRASHED)
)

// Details of a Change.
const (
	ShutdownByGuest = int(binding.DOMAIN_EVENT_SHUTDOWN_GUEST)
	ShutdownByHost  = int(binding.DOMAIN_EVENT_SHUTDOWN_HOST)

	StoppedShutdown  = int(binding.DOMAIN_EVENT_STOPPED_SHUTDOWN)
	StoppedDestroyed = int(binding.DOMAIN_EVENT_STOPPED_DESTROYED)
	StoppedCrashed   = int(binding.DOMAIN_EVENT_STOPPED_CRASHED)
	StoppedMigrated  = int(binding.DOMAIN_EVENT_STOPPED_MIGRATED)
	StoppedSaved     = int(binding.DOMAIN_EVENT_STOPPED_SAVED)
	StoppedFailed    = int(binding.DOMAIN_EVENT_STOPPED_FAILED)

	SuspendedPaused  = int(binding.DOMAIN_EVENT_SUSPENDED_PAUSED)
	SuspendedIOError = int(binding.DOMAIN_EVENT_SUSPENDED_IOERROR)

	ResumedUnpaused = int(binding.DOMAIN_EVENT_RESUMED_UNPAUSED)
)

// Reboot tells that a guest restarted without its QEMU ending.
type Reboot struct{ VM string }

// RTCChange tells that a guest set its clock.
type RTCChange struct {
	VM     string
	Offset int64 // seconds from the host's clock, all changes together
}

// IOError tells that a disk request failed.
type IOError struct {
	VM     string
	Path   string        // of the source; may be empty
	Alias  string        // of the device
	Action IOErrorAction // what QEMU did about it
	Reason string        // "enospc" or empty
}

// IOErrorAction is what QEMU did about a failed request.
type IOErrorAction int

// What QEMU may do about a failed request.
const (
	IOErrorNone   = IOErrorAction(binding.DOMAIN_EVENT_IO_ERROR_NONE)
	IOErrorPause  = IOErrorAction(binding.DOMAIN_EVENT_IO_ERROR_PAUSE)
	IOErrorReport = IOErrorAction(binding.DOMAIN_EVENT_IO_ERROR_REPORT)
)

// Graphics tells of a console client that comes or goes.
type Graphics struct {
	VM            string
	Phase         GraphicsPhase
	Client        string // address of the client
	ClientService string // its port
}

// GraphicsPhase is how far a console connection is.
type GraphicsPhase int

// Phases of a console connection.
const (
	GraphicsConnect    = GraphicsPhase(binding.DOMAIN_EVENT_GRAPHICS_CONNECT)
	GraphicsInitialize = GraphicsPhase(binding.DOMAIN_EVENT_GRAPHICS_INITIALIZE)
	GraphicsDisconnect = GraphicsPhase(binding.DOMAIN_EVENT_GRAPHICS_DISCONNECT)
)

// Watchdog tells that a guest's watchdog device fired.
type Watchdog struct {
	VM     string
	Action int // virDomainEventWatchdogAction
}

// DeviceRemoved tells that a guest let go of a device that was unplugged.
type DeviceRemoved struct{ VM, Alias string }

// BlockThreshold tells that a guest wrote past the threshold set on a volume.
type BlockThreshold struct {
	VM        string
	Device    string // "vda[7]": target and node index
	Path      string // set for local files and devices
	Threshold uint64 // bytes
	Excess    uint64 // bytes beyond the threshold
}

// JobCompleted tells that a migration, save or backup job ended.
type JobCompleted struct {
	VM       string
	Kind     int    // virDomainJobType
	Downtime uint64 // ms, the network excluded where libvirt knows; 0 unknown
}

// BlockJob tells of a copy or commit job of one disk.
type BlockJob struct {
	VM     string
	Device string // target name: "vda"
	Kind   int    // virDomainBlockJobType
	Status int    // virConnectDomainEventBlockJobStatus
}

// AgentLifecycle tells that the QEMU guest agent came or went.
type AgentLifecycle struct {
	VM        string
	Connected bool
}

func (Connected) isEvent()      {}
func (Disconnected) isEvent()   {}
func (Lost) isEvent()           {}
func (Lifecycle) isEvent()      {}
func (Reboot) isEvent()         {}
func (RTCChange) isEvent()      {}
func (IOError) isEvent()        {}
func (Graphics) isEvent()       {}
func (Watchdog) isEvent()       {}
func (DeviceRemoved) isEvent()  {}
func (BlockThreshold) isEvent() {}
func (JobCompleted) isEvent()   {}
func (BlockJob) isEvent()       {}
func (AgentLifecycle) isEvent() {}

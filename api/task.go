// SPDX-License-Identifier: GPL-2.0-or-later

package api

var TaskClear = declare[TaskClearParams, Nothing]("Task.clear", "3.1")

type TaskClearParams struct {
	TaskID UUID `json:"taskID" api:"object"`
}

var TaskGetInfo = declare[TaskGetInfoParams, TaskInfo]("Task.getInfo", "3.1")

type TaskGetInfoParams struct {
	TaskID UUID `json:"taskID" api:"object"`
}

var TaskGetStatus = declare[TaskGetStatusParams, TaskStatus]("Task.getStatus", "3.1")

type TaskGetStatusParams struct {
	TaskID UUID `json:"taskID" api:"object"`
}

var TaskRevert = declare[TaskRevertParams, Nothing]("Task.revert", "3.1")

type TaskRevertParams struct {
	TaskID UUID `json:"taskID" api:"object"`
}

var TaskStop = declare[TaskStopParams, Nothing]("Task.stop", "3.1")

type TaskStopParams struct {
	TaskID UUID `json:"taskID" api:"object"`
}

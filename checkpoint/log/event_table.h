// All events of a run: what each is called, what it says, and the sentence that people read.
//
// This table is the only place that knows them. A new event is one entry, whose name is added to
// Table below; a new field is a member and its line in fields(). Neither a name nor a type that was
// ever written changes: old logs are read for ever.
#pragma once

#include <tuple>

#include <holdfast/checkpoint/log/event_kind.h>

namespace holdfast::events {

struct Open {
  Text host, user;
  Integer pid;

  static constexpr Words kWords = {"open", Weight::kPlain, "a process has opened the run to train",
                                   "started[ by {user}] on {host}[, process {pid}]"};
  static constexpr auto fields() {
    return std::tuple(field("host", &Open::host), field("user", &Open::user),
                      field("pid", &Open::pid));
  }
};

struct Resume {
  Integer step;
  Text from;

  static constexpr Words kWords = {"resume", Weight::kResume,
                                   "the run goes on from a checkpoint of its own",
                                   "went on from {step} ({from})"};
  static constexpr auto fields() {
    return std::tuple(
        field("step", &Resume::step, Unit::kStep),
        field("from", &Resume::from, "the checkpoint directory, as an absolute path"));
  }
};

struct Fork {
  Integer step;
  Text from;

  static constexpr Words kWords = {"fork", Weight::kResume,
                                   "the run begins with a checkpoint of another run",
                                   "began with {step} of another run ({from})"};
  static constexpr auto fields() {
    return std::tuple(field("step", &Fork::step, Unit::kStep),
                      field("from", &Fork::from, "the checkpoint directory, as an absolute path"));
  }
};

struct Close {
  Integer step;
  Number blocked_seconds;
  Flag failed;

  static constexpr Words kWords = {"close", Weight::kPlain, "the process has ended its training",
                                   "[{failed}ended with an exception|ended in order][ at {step}]"};
  static constexpr auto fields() {
    return std::tuple(
        field("step", &Close::step, Unit::kStep, "the newest; -1: none"),
        field("blocked_seconds", &Close::blocked_seconds, Unit::kSeconds,
              "for how long saves held up the training, in the whole process"),
        field("failed", &Close::failed, "true if an exception ended it; otherwise left out"));
  }
};

struct Save {
  Integer step, bytes;
  Number durable_seconds, blocked_seconds;

  static constexpr Words kWords = {"save", Weight::kPlain, "a checkpoint is committed",
                                   "saved {step} ({bytes}, durable in {durable_seconds}, training "
                                   "held up for {blocked_seconds})"};
  static constexpr auto fields() {
    return std::tuple(field("step", &Save::step, Unit::kStep),
                      field("bytes", &Save::bytes, Unit::kBytes),
                      field("durable_seconds", &Save::durable_seconds, Unit::kSeconds,
                            "from the call until the commit"),
                      field("blocked_seconds", &Save::blocked_seconds, Unit::kSeconds,
                            "for how long saves held up the training since the last save"));
  }
};

struct SaveFailed {
  Integer step;
  Text reason;

  static constexpr Words kWords = {"save_failed", Weight::kFailure, "a step could not be saved",
                                   "{step} could not be saved[: {reason}]"};
  static constexpr auto fields() {
    return std::tuple(field("step", &SaveFailed::step, Unit::kStep),
                      field("reason", &SaveFailed::reason, Unit::kReason));
  }
};

struct Quarantine {
  Integer step;
  Text reason;

  static constexpr Words kWords = {"quarantine", Weight::kProblem,
                                   "a damaged checkpoint was moved to quarantine/",
                                   "{step} is damaged and was quarantined[: {reason}]"};
  static constexpr auto fields() {
    return std::tuple(
        field("step", &Quarantine::step, Unit::kStep),
        field("reason", &Quarantine::reason, Unit::kReason, "which files and tensors are hurt"));
  }
};

struct Superseded {
  Integer after_step;
  Text directory;

  static constexpr Words kWords = {
      "superseded", Weight::kPlain, "the run went back: newer checkpoints were set aside",
      "rolled back: what is newer than {after_step} went to {directory}"};
  static constexpr auto fields() {
    return std::tuple(field("after_step", &Superseded::after_step, Unit::kStep),
                      field("directory", &Superseded::directory));
  }
};

struct IndexRebuilt {
  Integer step;
  Text reason;

  static constexpr Words kWords = {"index_rebuilt", Weight::kNotice,
                                   "a damaged index.h5 was made anew; no data is concerned",
                                   "the index of {step} was made anew[: {reason}]"};
  static constexpr auto fields() {
    return std::tuple(field("step", &IndexRebuilt::step, Unit::kStep),
                      field("reason", &IndexRebuilt::reason, Unit::kReason));
  }
};

struct IndexDamaged {
  Integer step;
  Text reason;

  static constexpr Words kWords = {"index_damaged", Weight::kProblem,
                                   "index.h5 is damaged and stays so; no data is concerned",
                                   "the index of {step} is damaged[: {reason}]"};
  static constexpr auto fields() {
    return std::tuple(field("step", &IndexDamaged::step, Unit::kStep),
                      field("reason", &IndexDamaged::reason, Unit::kReason));
  }
};

struct ModeChanged {
  Integer step;
  Text change;

  static constexpr Words kWords = {"mode_changed", Weight::kPlain,
                                   "a restore has changed how a model trains",
                                   "changed by the restore: {change}"};
  static constexpr auto fields() {
    return std::tuple(field("step", &ModeChanged::step, Unit::kStep),
                      field("change", &ModeChanged::change));
  }
};

struct JournalAltered {
  Text file;

  static constexpr Words kWords = {
      "journal_altered", Weight::kProblem,
      "a journal (metrics.csv) was changed since the checkpoint, and is continued as it is",
      "{file} was altered from outside"};
  static constexpr auto fields() { return std::tuple(field("file", &JournalAltered::file)); }
};

struct Failed {
  Integer step;
  Text reason;

  static constexpr Words kWords = {
      "failed", Weight::kFailure, "the program failed by itself",
      "failed by itself, [behind {step}|before a checkpoint was loaded or saved][: {reason}]"};
  static constexpr auto fields() {
    return std::tuple(
        field("step", &Failed::step, Unit::kStep, "of the newest checkpoint; -1: none"),
        field("reason", &Failed::reason, Unit::kReason));
  }
};

struct PassedOver {
  Integer step, to_step;
  Text reason;

  static constexpr Words kWords = {
      "passed_over", Weight::kProblem,
      "the program failed too often from a checkpoint, and goes on from an older one",
      "rolled back from {step} to {to_step}, having failed too often[: {reason}]"};
  static constexpr auto fields() {
    return std::tuple(field("step", &PassedOver::step, Unit::kStep),
                      field("to_step", &PassedOver::to_step, Unit::kStep),
                      field("reason", &PassedOver::reason, Unit::kReason, "of the last failure"));
  }
};

struct Refused {
  Integer step, to_step;

  static constexpr Words kWords = {
      "refused", Weight::kProblem,
      "the loss after a checkpoint was not finite, and the roll-back went on to an older one",
      "rolled back from {step} to {to_step}: the loss behind it was not finite"};
  static constexpr auto fields() {
    return std::tuple(field("step", &Refused::step, Unit::kStep),
                      field("to_step", &Refused::to_step, Unit::kStep));
  }
};

struct Restart {
  Integer attempt;
  Text cause;
  Integer step;

  static constexpr Words kWords = {
      "restart", Weight::kPlain, "`holdfast run` starts the training again",
      "holdfast run starts it again[, restart {attempt}], after {cause}"};
  static constexpr auto fields() {
    return std::tuple(field("attempt", &Restart::attempt), field("cause", &Restart::cause),
                      field("step", &Restart::step, Unit::kStep, "the newest, if there is one"));
  }
};

struct GaveUp {
  Integer restarts;
  Text cause, reason;
  Integer step;

  static constexpr Words kWords = {"gave_up", Weight::kProblem,
                                   "`holdfast run` does not start the training again",
                                   "holdfast run gave up, after {cause}[: {reason}]"};
  static constexpr auto fields() {
    return std::tuple(field("restarts", &GaveUp::restarts), field("cause", &GaveUp::cause),
                      field("reason", &GaveUp::reason, Unit::kReason),
                      field("step", &GaveUp::step, Unit::kStep, "the newest, if there is one"));
  }
};

struct InTheWay {
  Text reason;

  static constexpr Words kWords = {
      "in_the_way", Weight::kNotice,
      "something that is no directory, a link for example, has the name of an older checkpoint and "
      "is left alone",
      "passed by what has a checkpoint's name and is no directory[: {reason}]"};
  static constexpr auto fields() {
    return std::tuple(field("reason", &InTheWay::reason, Unit::kReason));
  }
};

struct RetireFailed {
  Integer after_step;
  Text reason;

  static constexpr Words kWords = {"retire_failed", Weight::kProblem,
                                   "an old checkpoint could not be removed yet",
                                   "an old checkpoint could not be removed[: {reason}]"};
  static constexpr auto fields() {
    return std::tuple(field("after_step", &RetireFailed::after_step, Unit::kStep,
                            "the committed step after which it should have gone"),
                      field("reason", &RetireFailed::reason, Unit::kReason));
  }
};

// The order is that of the documentation.
using Table = std::tuple<Open, Resume, Fork, Close, Save, SaveFailed, Quarantine, Superseded,
                         IndexRebuilt, IndexDamaged, ModeChanged, JournalAltered, Failed,
                         PassedOver, Refused, Restart, GaveUp, InTheWay, RetireFailed>;

}  // namespace holdfast::events

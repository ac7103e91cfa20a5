// The programs with workers of their own, and the shorter ones with pools.
#include "tests/cli/command.hpp"

#include <gmock/gmock.h>
#include <algorithm>
#include <csignal>
#include <regex>
#include <set>

namespace {

using namespace cli_test;
using testing::Each;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::MatchesRegex;
using testing::UnorderedElementsAre;
using testing::UnorderedElementsAreArray;

using lines = std::vector<std::string>;

class DocumentPrograms : public testing::TestWithParam<const char*> {
 protected:
  /// What it prints there, checked by itself, too.
  static lines run(arguments args) {
    args.insert(args.begin(), "run");
    args.insert(args.end(), {"-w", GetParam(), "--verify"});
    const auto r = troupe(args);
    EXPECT_EQ(r.code, 0) << testing::PrintToString(args) << r.err;
    return lines_of(r.out);
  }
  static bool in_processes() { return GetParam() == std::string{"process"}; }
};
INSTANTIATE_TEST_SUITE_P(Cli, DocumentPrograms, testing::Values("inline", "thread", "process"),
                         [](const auto& info) { return std::string{info.param}; });

// The items of "[(1, 1.0), (3, 5.19)]".
lines items(const std::string& list) {
  lines all;
  const std::regex item{R"(\([^()]*\))"};
  for (auto i = std::sregex_iterator{list.begin(), list.end(), item}; i != std::sregex_iterator{};
       ++i)
    all.push_back(i->str());
  return all;
}

std::string after(const std::string& line, const std::string& key) {
  return line.starts_with(key) ? line.substr(key.size()) : "no " + key;
}

TEST_P(DocumentPrograms, CubesComeOutOfOneQueue) {
  const auto out = run({"cubes"});
  ASSERT_EQ(out.size(), 1u);
  EXPECT_THAT(items(out[0]), UnorderedElementsAre("(1, 1)", "(2, 8)", "(3, 27)", "(4, 64)",
                                                  "(5, 125)", "(6, 216)", "(7, 343)"));
}

TEST_P(DocumentPrograms, RootsHaveTheDocumentsDigits) {
  const auto out = run({"sqrt"});
  ASSERT_EQ(out.size(), 1u);
  EXPECT_THAT(items(out[0]),
              UnorderedElementsAre("(1, 1.0)", "(2, 2.8284271247461903)", "(3, 5.196152422706632)",
                                   "(4, 8.0)", "(5, 11.180339887498949)", "(6, 14.696938456699069)",
                                   "(7, 18.520259177452136)"));
}

TEST_P(DocumentPrograms, TheNumberOfWorkersIsTheNumberOfItems) {
  EXPECT_EQ(items(run({"cubes", "-j", "20"}).at(0)).size(), 20u);
  EXPECT_EQ(items(run({"sqrt", "-j", "2"}).at(0)).size(), 2u);
  EXPECT_EQ(run({"five", "-j", "3"}).size(), 3u);
  EXPECT_EQ(run({"list", "-j", "2"}).size(), 2u);
  EXPECT_EQ(run({"services", "-j", "4", "--second", "0"}).size(), 10u);
}

TEST_P(DocumentPrograms, AWorkerSaysHello) {
  EXPECT_THAT(run({"hello"}), ElementsAre("Hello bob"));
  EXPECT_THAT(run({"hello", "--name", "alice and bob"}), ElementsAre("Hello alice and bob"));
}

TEST_P(DocumentPrograms, FiveSayTheirNumbers) {
  EXPECT_THAT(run({"five"}), UnorderedElementsAre("Worker: 0", "Worker: 1", "Worker: 2",
                                                  "Worker: 3", "Worker: 4"));
}

TEST_P(DocumentPrograms, ServicesKnowTheirNames) {
  const auto out = run({"services", "--second", "0.01"});
  lines starts, exits;
  for (const auto& line : out) {
    const auto name = std::regex_replace(line.substr(0, line.rfind(' ')),
                                         std::regex{"(inline|thread|process)-[0-9]+"}, "default");
    (line.ends_with(" Starting") ? starts : exits).push_back(name);
  }
  EXPECT_THAT(starts, UnorderedElementsAre("worker 1", "default", "my_service"));
  EXPECT_THAT(exits, UnorderedElementsAre("worker 1", "default", "my_service"));
}

TEST_P(DocumentPrograms, AListOfDifferentThingsPassesAQueue) {
  EXPECT_THAT(run({"list"}), ElementsAre("[42, None, 'hello']"));
}

// Many, so that without the lock two would meet.
TEST_P(DocumentPrograms, TheLockKeepsLinesWhole) {
  lines hellos;
  for (int i = 0; i < 10; ++i) hellos.push_back("hello world " + std::to_string(i));
  EXPECT_THAT(run({"console"}), UnorderedElementsAreArray(hellos));
  if (!in_processes()) {
    EXPECT_THAT(run({"console", "-j", "100"}), Each(MatchesRegex("hello world [0-9]+")));
  }
}

TEST_P(DocumentPrograms, InfoTellsParentsAndProcesses) {
  arguments args{"run", "info", "-w", GetParam(), "--verify"};
  running r{command(args)};
  const auto got = r.wait();
  EXPECT_EQ(got.code, 0) << got.err;
  const auto out = lines_of(got.out);
  ASSERT_EQ(out.size(), 7u * 5);
  std::set<std::string> names, pids;
  for (std::size_t i = 0; i < out.size(); i += 5) {
    names.insert(after(out[i], "Name:"));
    EXPECT_EQ(out[i + 1], "Module:troupe");
    if (in_processes()) {
      EXPECT_EQ(out[i + 2], "Parent Process id:" + std::to_string(r.pid()));
    }
    pids.insert(after(out[i + 3], "Process id:"));
    EXPECT_EQ(out[i + 4], "");
  }
  EXPECT_EQ(names.size(), 7u);
  EXPECT_EQ(pids.size(), in_processes() ? 7u : 1u);
  EXPECT_EQ(pids.contains(std::to_string(r.pid())), !in_processes());
}

TEST_P(DocumentPrograms, TasksRunInProcessesOfTheirOwnOrInOne) {
  const auto out = run({"process_id", "--second", "0.02", "-j", "4"});
  ASSERT_EQ(out.size(), 4u);
  std::set<std::string> pids;
  for (std::size_t i = 0; i < 4; ++i)
    pids.insert(after(out[i], "ran task " + std::to_string(i + 1) + " in process "));
  EXPECT_THAT(pids, Each(MatchesRegex("[0-9]+")));
  EXPECT_EQ(pids.size(), in_processes() ? 4u : 1u);
}

TEST_P(DocumentPrograms, TheExerciseHasTheSameResultsInEveryPart) {
  const lines squares{"0", "1", "4", "9", "16", "25", "36", "49", "64", "81"};
  const auto out = run({"exercise", "--seconds", "0.01"});
  ASSERT_EQ(out.size(), 36u);
  for (const std::size_t part : {0, 1, 2}) {
    const auto begin = out.begin() + static_cast<std::ptrdiff_t>(part) * 12;
    EXPECT_EQ(begin->substr(0, 2), std::to_string(part + 1) + ".");
    EXPECT_THAT(begin[1], MatchesRegex("ended when asked: [0-9]+ of 10"));
    EXPECT_EQ(lines(begin + 2, begin + 12), squares);
  }
  EXPECT_EQ(out[25], "ended when asked: 10 of 10");
  EXPECT_EQ(run({"exercise", "3"}).size(), 12u);
}

TEST(ProcessId, WithoutAPlaceShowsProcessesAndThenThreads) {
  const auto r = troupe({"run", "process_id", "--second", "0.02", "--verify", "-j", "3"});
  EXPECT_EQ(r.code, 0) << r.err;
  const auto out = lines_of(r.out);
  ASSERT_EQ(out.size(), 6u);
  EXPECT_EQ(std::set<std::string>(out.begin(), out.begin() + 3).size(), 3u);
  EXPECT_NE(out[0], out[3]);
}

// --- what all of them have ---------------------------------------------------------------------

// One object a task, numbered from 0 without gaps; then the summary; and nothing else.
void expect_objects(arguments args, std::size_t tasks) {
  args.insert(args.begin(), "run");
  args.push_back("--json");
  const auto r = troupe(args);
  EXPECT_EQ(r.code, 0) << r.err;
  const auto out = lines_of(r.out);
  ASSERT_EQ(out.size(), tasks + 1) << r.out;
  const std::regex task{R"re(\{"task":(\d+),"input":.+,"ok":true,"result":.+,"worker":"[^"]+",)re"
                        R"re("pid":\d+,"ran_s":[-+.e\d]+(,"\w+":("\w+"|\d+))?\})re"};
  std::set<std::string> seen;
  std::smatch m;
  for (std::size_t i = 0; i < tasks; ++i) {
    ASSERT_TRUE(std::regex_match(out[i], m, task)) << out[i];
    seen.insert(m[1]);
  }
  for (std::size_t i = 0; i < tasks; ++i) EXPECT_TRUE(seen.contains(std::to_string(i))) << i;
  const auto n = std::to_string(tasks);
  EXPECT_THAT(out.back(), testing::StartsWith(R"({"summary":{"tasks":)" + n + R"(,"ok":)" + n +
                                              R"(,"failed":0,"lost":0,"wall_s":)"));
}

TEST(DocumentProgramsJson, OneObjectATaskAndASummary) {
  for (const auto* where : {"thread", "process"}) {
    expect_objects({"cubes", "-w", where}, 7);
    expect_objects({"sqrt", "-w", where}, 7);
    expect_objects({"info", "-w", where}, 7);
    expect_objects({"hello", "-w", where}, 1);
    expect_objects({"five", "-w", where}, 5);
    expect_objects({"services", "-w", where, "--second", "0"}, 3);
    expect_objects({"list", "-w", where}, 1);
    expect_objects({"console", "-w", where}, 10);
    expect_objects({"exercise", "-w", where, "--seconds", "0"}, 30);
    expect_objects({"process_id", "-w", where, "--second", "0"}, 4);
  }
}

TEST(DocumentProgramsJson, HasWhatOtherwiseTheWorkersPrint) {
  EXPECT_THAT(troupe({"run", "hello", "--json"}).out,
              HasSubstr(R"("input":"bob","ok":true,"result":"Hello bob","worker":"process-1")"));
  EXPECT_THAT(troupe({"run", "list", "--json"}).out, HasSubstr(R"("result":[42,null,"hello"])"));
  EXPECT_THAT(troupe({"run", "services", "--second", "0", "--json"}).out,
              HasSubstr(R"("result":["my_service Starting","my_service Exiting"])"));
}

TEST(DocumentProgramsHelp, NamesTheDocument) {
  const std::pair<const char*, std::vector<const char*>> documents[] = {
      {"From: Parallel programming for CPU (seed 002)", {"process_id"}},
      {"From: Parallel Programming in Python with ease (seed 003)", {"cubes", "sqrt", "info"}},
      {"From: Parallelisation in Python (seed 004)",
       {"hello", "five", "services", "list", "console", "exercise"}},
  };
  for (const auto& [from, names] : documents)
    for (const auto* name : names)
      EXPECT_THAT(troupe({"run", name, "--help"}).out, HasSubstr(from)) << name;
}

TEST(DocumentProgramsHelp, SaysWhereTheDocumentIsWrong) {
  EXPECT_THAT(troupe({"run", "cubes", "--help"}).out, HasSubstr("In Python that can wait"));
  EXPECT_THAT(troupe({"run", "list", "--help"}).out, HasSubstr("is not so"));
  EXPECT_THAT(troupe({"run", "services", "--help"}).out, HasSubstr("no way to stop one at work"));
}

TEST(DocumentProgramsUsage, ABadValueIsRefusedByItsFlag) {
  EXPECT_EQ(troupe({"run", "exercise", "4"}).code, 2);
  EXPECT_EQ(troupe({"run", "services", "--second", "-1"}).code, 2);
  EXPECT_EQ(troupe({"run", "process_id", "--second", "nan"}).code, 2);
  EXPECT_THAT(troupe({"run", "exercise", "--seconds", "1e9"}).err,
              HasSubstr("'1e9' is no number of seconds from 0 to 86400"));
}

class OneWorker : public testing::TestWithParam<const char*> {};
INSTANTIATE_TEST_SUITE_P(Cli, OneWorker, testing::Values("thread", "process"),
                         [](const auto& info) { return std::string{info.param}; });

TEST_P(OneWorker, EndsAtItsTimeout) {
  const auto r =
      troupe({"run", "services", "--second", "1000", "-t", "0.05", "-w", GetParam(), "--json"});
  EXPECT_EQ(r.code, 1) << r.err;
  EXPECT_THAT(r.out, HasSubstr("it ran for longer than --timeout"));
  EXPECT_THAT(r.out, HasSubstr(R"("tasks":3,"ok":0,"failed":3,"lost":0)"));
}

TEST_P(OneWorker, IsWaitedForAfterTheFirstInterruptAndEndedByTheSecond) {
  running r{command({"run", "services", "--second", "1000", "-w", GetParam()})};
  for (const auto* name : {"worker 1", "my_service"})
    ASSERT_TRUE(r.says(std::string{name} + " Starting"));
  r.signal(SIGINT);
  ASSERT_TRUE(r.says("waiting for the tasks that run"));
  r.signal(SIGINT);
  const auto got = r.wait();
  EXPECT_EQ(got.code, 130) << got.err;
  EXPECT_THAT(got.err, HasSubstr("3 not finished"));
}

TEST(OneWorkers, DeathIsTold) {
  running r{command({"run", "services", "--second", "2", "-j", "1"})};
  ASSERT_TRUE(r.says("worker 1 Starting"));
  ASSERT_TRUE(r.says("my_service Starting"));
  const auto workers = r.workers();
  ASSERT_FALSE(workers.empty());
  kill(workers.front(), SIGKILL);
  const auto got = r.wait();
  EXPECT_EQ(got.code, 3) << got.err;
  EXPECT_THAT(got.err, HasSubstr("killed by SIGKILL (9)"));
  EXPECT_THAT(got.err, HasSubstr("2 tasks: 1 ok, 1 failed (1 with their worker)"));
}

TEST(OneWorkers, ThatCannotBeStartedAreTold) {
  const auto r = shell("ulimit -n 12; exec \"$0\" run five");
  EXPECT_EQ(r.code, 5) << r.err;
  EXPECT_THAT(r.err, HasSubstr("troupe doctor"));
}

}  // namespace

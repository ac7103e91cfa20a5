#include "tests/cli/command.hpp"
#include "tests/cli/web_server.hpp"

#include <gmock/gmock.h>
#include <csignal>
#include <filesystem>
#include <fstream>

namespace {

using namespace cli_test;
using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

namespace fs = std::filesystem;

// A folder that is gone at the end.
class folder {
 public:
  folder() {
    auto name = (fs::temp_directory_path() / "troupe-fetch-XXXXXX").string();
    if (mkdtemp(name.data()) != nullptr) path_ = name;
  }
  ~folder() { fs::remove_all(path_); }
  folder(const folder&) = delete;
  folder& operator=(const folder&) = delete;
  std::string path() const { return path_; }
  std::vector<std::string> files() const {
    std::vector<std::string> names;
    for (const auto& entry : fs::directory_iterator{path_})
      names.push_back(entry.path().filename().string());
    std::sort(names.begin(), names.end());
    return names;
  }
  std::string contents(const std::string& name) const {
    std::ifstream file{fs::path{path_} / name, std::ios::binary};
    return {std::istreambuf_iterator<char>{file}, {}};
  }

 private:
  fs::path path_;
};

class Fetch : public testing::TestWithParam<const char*> {
 protected:
  finished fetch(const arguments& more) {
    arguments all{"run", "fetch", "-w", GetParam()};
    all.insert(all.end(), more.begin(), more.end());
    return troupe(all);
  }
  web_server server;
  folder saved;
};
INSTANTIATE_TEST_SUITE_P(Cli, Fetch, testing::Values("inline", "thread", "process"),
                         [](const auto& info) { return std::string{info.param}; });

TEST_P(Fetch, OfItsOwnFiveFourArePagesAndOneAnError) {
  const auto r = fetch({"--latency", "20", "--verify", "--save", saved.path()});
  EXPECT_EQ(r.code, 1) << r.err;
  auto lines = lines_of(r.out);
  ASSERT_EQ(lines.size(), 5u) << r.out;
  std::sort(lines.begin(), lines.end(), [](const auto& a, const auto& b) {
    return a.substr(a.rfind('/')) < b.substr(b.rfind('/'));
  });
  EXPECT_THAT(lines, ElementsAre(HasSubstr("/bbc' page is 21923 bytes"),
                                 HasSubstr("/cnn' page is 90923 bytes"),
                                 HasSubstr("/foxnews' page is 214927 bytes"),
                                 AllOf(HasSubstr("/some-made-up-domain' generated an exception: "),
                                       HasSubstr("Couldn't connect to server")),
                                 HasSubstr("/wsj' page is 44923 bytes")));
  EXPECT_THAT(saved.files(), ElementsAre("bbc", "cnn", "foxnews", "wsj"));
  EXPECT_THAT(r.err, HasSubstr("4 pages, 372696 bytes, 1 failed"));
}

TEST_P(Fetch, SavesWhatTheServerSent) {
  const auto r = fetch({"--save", saved.path() + "/made", server.url("/page"), server.url("/large"),
                        server.url("/moved"), server.url("/page?again")});
  EXPECT_EQ(r.code, 0) << r.err;
  EXPECT_EQ(saved.contents("made/page"), server.page());
  EXPECT_EQ(saved.contents("made/large"), server.large());
  EXPECT_EQ(saved.contents("made/moved"), server.page());
  EXPECT_EQ(saved.contents("made/page-2"), server.page());
}

TEST_P(Fetch, WhatFailsIsAnErrorByItsNameAndLeavesNoFile) {
  const auto r =
      fetch({"-t", "3", "--save", saved.path(), server.url("/gone"), "nonsense",
             "ftp://127.0.0.1/", server.url("/cut"), server.url("/never"), server.url("/page")});
  EXPECT_EQ(r.code, 1) << r.err;
  EXPECT_THAT(r.out, AllOf(HasSubstr("/gone' generated an exception: HTTP error 404: Not Found\n"),
                           HasSubstr("'nonsense' generated an exception: not a URL: "),
                           HasSubstr("'ftp://127.0.0.1/' generated an exception: Unsupported"),
                           HasSubstr("/cut' generated an exception: Transferred a partial file"),
                           HasSubstr("/never' generated an exception: Timeout was reached"),
                           HasSubstr("/page' page is 20 bytes\n")));
  EXPECT_THAT(saved.files(), ElementsAre("page"));
}

TEST_P(Fetch, APageThatFailsLeavesTheFileOfAnEarlierRun) {
  std::ofstream{saved.path() + "/gone"} << "before";
  EXPECT_EQ(fetch({"--save", saved.path(), server.url("/gone")}).code, 1);
  EXPECT_THAT(saved.files(), ElementsAre("gone"));
  EXPECT_EQ(saved.contents("gone"), "before");
}

TEST_P(Fetch, KilledByTheSecondInterruptLeavesNoFile) {
  running r{
      command({"run", "fetch", "-w", GetParam(), "--save", saved.path(), server.url("/never")})};
  ASSERT_TRUE(eventually([&] { return server.waiting() == 1; }));
  r.signal(SIGINT);
  r.signal(SIGTERM);
  EXPECT_EQ(r.wait().code / 2, 65);  // 130 or 143: which one came first is the kernel's choice
  EXPECT_THAT(saved.files(), IsEmpty());
}

TEST(FetchJson, TellsSizeStatusAndFileOfEachPage) {
  const web_server server;
  const folder saved;
  const auto r = troupe({"run", "fetch", "--json", "-j", "2", "--save", saved.path(),
                         server.url("/page"), server.url("/gone")});
  EXPECT_EQ(r.code, 1) << r.err;
  auto lines = lines_of(r.out);
  ASSERT_EQ(lines.size(), 3u) << r.out;
  std::sort(lines.begin(), lines.begin() + 2);
  EXPECT_THAT(lines[0], AllOf(HasSubstr(R"("ok":true,"result":{"bytes":20,"status":200,"url":")"),
                              HasSubstr(R"(/page","file":")"), HasSubstr(R"("worker":"fetch-)")));
  EXPECT_THAT(lines[1], HasSubstr(R"("ok":false,"error":"HTTP error 404: Not Found")"));
  EXPECT_THAT(lines[2], AllOf(HasSubstr(R"("tasks":2,"ok":1,"failed":1,"lost":0)"),
                              HasSubstr(R"("bytes":20,"one_after_the_other_s":)")));
}

TEST(FetchQuietly, SaysNothingButResults) {
  const web_server server;
  const auto r = troupe({"run", "fetch", "-q", server.url("/page")});
  EXPECT_EQ(r.code, 0);
  EXPECT_EQ(r.out, "'" + server.url("/page") + "' page is 20 bytes\n");
  EXPECT_EQ(r.err, "");
}

TEST(FetchProcesses, AWorkerThatIsLostLeavesNoFile) {
  const web_server server;
  const folder saved;
  running r{command({"run", "fetch", "-w", "process", "-j", "1", "--save", saved.path(),
                     server.url("/never"), server.url("/page")})};
  ASSERT_TRUE(eventually([&] { return server.waiting() == 1; }));
  for (const auto pid : r.workers()) kill(pid, SIGKILL);
  const auto got = r.wait();
  EXPECT_EQ(got.code, 3) << got.err;
  EXPECT_THAT(got.out, HasSubstr("/page' page is 20 bytes"));
  EXPECT_THAT(saved.files(), ElementsAre("page"));
}

}  // namespace

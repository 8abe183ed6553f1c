// A crowd of processes counts under one lease in one SQLite file, some of them killed or asleep
// while they hold it. (The stores' contract has fifty that count to five hundred.)

#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>
#include <cstdio>
#include <filesystem>
#include <string>
#include <vector>

namespace nodenap::test {
namespace {

struct Ended {
    int written = 0;  // lines that it printed
    int status = 0;   // as waitpid gives it
};

class LeaseCounterTest : public ::testing::Test {
protected:
    LeaseCounterTest() {
        std::string name = ::testing::TempDir() + "nodenap-counter-XXXXXX";
        folder_ = mkdtemp(name.data());
    }
    ~LeaseCounterTest() override { std::filesystem::remove_all(folder_); }

    /// One process for each list of options, all at once.
    std::vector<Ended> run(const std::vector<std::string>& options) {
        std::vector<FILE*> pipes;
        for (const auto& each : options) {
            const auto command = "exec " NODENAP_BINARY_DIR "/nodenap_lease_counter --sqlite " +
                                 folder_ + "/state.db " + each;
            pipes.push_back(popen(command.c_str(), "r"));
        }
        std::vector<Ended> all;
        for (auto* pipe : pipes) {
            Ended ended;
            for (int c = std::fgetc(pipe); c != EOF; c = std::fgetc(pipe)) {
                ended.written += c == '\n' ? 1 : 0;
            }
            ended.status = pclose(pipe);
            all.push_back(ended);
        }
        return all;
    }

    static int sum(const std::vector<Ended>& all) {
        int written = 0;
        for (const auto& ended : all) written += ended.written;
        return written;
    }

    std::string folder_;
};

bool exited(const Ended& ended, int code) {
    return WIFEXITED(ended.status) && WEXITSTATUS(ended.status) == code;
}

TEST_F(LeaseCounterTest, SixteenProcessesCountToOneHundredAndSixty) {
    const auto all = run(std::vector<std::string>(16, "--increments 10"));
    for (const auto& ended : all) EXPECT_TRUE(exited(ended, 0));
    EXPECT_EQ(sum(all), 160);
    EXPECT_EQ(sum(run({"--increments 1 --expect 160"})), 1);
}

TEST_F(LeaseCounterTest, AHolderThatIsKilledCostsOneLease) {
    const std::string quick = "--increments 5 --lease-ms 400 ";
    const auto all = run({quick, quick, quick + "--die-at 2", quick, quick + "--die-at 1"});
    EXPECT_EQ(sum(all), 5 + 5 + 1 + 5 + 0);
    EXPECT_EQ(sum(run({"--increments 1 --expect 16"})), 1);
}

TEST_F(LeaseCounterTest, AHolderThatSleepsThroughItsLeaseOverwritesNothing) {
    const std::string quick = "--increments 5 --lease-ms 300 ";
    const auto all = run({quick, quick + "--sleep-at 2", quick + "--sleep-at 4"});
    for (const auto& ended : all) EXPECT_TRUE(exited(ended, 0));
    EXPECT_EQ(sum(all), 15);
    EXPECT_EQ(sum(run({"--increments 1 --expect 15"})), 1);
}

TEST_F(LeaseCounterTest, TheArticlesLockIsStuckOnceItsHolderIsKilled) {
    const std::string article = "--increments 5 --baseline-lock --patience-ms 1500 ";
    const auto all = run({article + "--die-at 1"});
    ASSERT_TRUE(WIFSIGNALED(all.front().status));
    const auto rest = run({article, article});
    for (const auto& ended : rest) EXPECT_TRUE(exited(ended, 3)) << "the lock stays held";
    EXPECT_EQ(sum(rest), 0);
}

}  // namespace
}  // namespace nodenap::test

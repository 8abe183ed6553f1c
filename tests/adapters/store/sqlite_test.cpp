#include "adapters/store/sqlite.hpp"

#include "adapters/store/contract.hpp"
#include "adapters/store/contract_parts.hpp"

#include <gmock/gmock.h>
#include <sqlite3.h>

#include <unistd.h>
#include <filesystem>
#include <fstream>

namespace nodenap {
namespace {

using contract::number;
using contract::set;
using contract::text;
using testing::AllOf;
using testing::HasSubstr;

/// A directory of its own, gone with the test.
class Directory {
public:
    Directory() {
        std::string name = testing::TempDir() + "nodenap-XXXXXX";
        path_ = mkdtemp(name.data());
    }
    ~Directory() {
        std::error_code ignored;
        std::filesystem::remove_all(path_, ignored);
    }
    Directory(const Directory&) = delete;
    Directory& operator=(const Directory&) = delete;
    std::string file(const std::string& name) const { return path_ + "/" + name; }

private:
    std::string path_;
};

class SqliteContract : public testing::TestWithParam<StoreContractCase> {};

TEST_P(SqliteContract, Keeps) {
    const Directory directory;
    const auto path = directory.file("state.db");
    GetParam().check([&]() -> std::unique_ptr<StateStore> {
        // A crowd on a slow machine waits long for its turn; nobody has died.
        auto store = SqliteStore::open(path, std::chrono::minutes(5));
        EXPECT_TRUE(store) << store.error().text;
        return *std::move(store);
    });
}

INSTANTIATE_TEST_SUITE_P(Sqlite, SqliteContract, testing::ValuesIn(store_contract()),
                         case_name<testing::TestParamInfo<StoreContractCase>>);

TEST(SqliteStore, FileBecomesPrivateOnWrite) {
    const Directory directory;
    const auto path = directory.file("state.db");
    ASSERT_TRUE((*SqliteStore::open(path))->update({"prod", "state"}, set("a", number(1)), {}));
    using std::filesystem::perms;
    std::filesystem::permissions(path, perms(0644));
    auto store = *SqliteStore::open(path);
    ASSERT_TRUE(store->get({"prod", "state"}));
    EXPECT_EQ(std::filesystem::status(path).permissions(), perms(0644)) << "it is only read";
    ASSERT_TRUE(store->update({"prod", "state"}, set("a", number(2)), {}));
    EXPECT_EQ(std::filesystem::status(path).permissions(), perms(0600));
}

TEST(SqliteStore, KeepsItemsWhenReopened) {
    const Directory directory;
    const auto path = directory.file("state.db");
    ASSERT_TRUE((*SqliteStore::open(path))->update({"prod", "state"}, set("a", number(1)), {}));
    EXPECT_EQ((*SqliteStore::open(path))->get({"prod", "state"})->at("a"), number(1));
}

TEST(SqliteStore, DeletesExpiredRecords) {
    const Directory directory;
    const auto path = directory.file("state.db");
    {
        const auto store = *SqliteStore::open(path);
        ASSERT_TRUE(store->update({"prod", "journal#1"}, set("expires_at", number(1000)), {}));
        ASSERT_TRUE(
            store->update({"prod", "journal#2"}, set("expires_at", number(99'999'999'999)), {}));
        ASSERT_TRUE(store->update({"prod", "state"}, set("a", number(1)), {}));
    }
    const auto store = *SqliteStore::open(path);
    EXPECT_FALSE(store->get({"prod", "journal#1"})->empty()) << "reading deletes nothing";
    ASSERT_TRUE(store->update({"prod", "state"}, set("a", number(2)), {}));
    EXPECT_TRUE(store->get({"prod", "journal#1"})->empty());
    EXPECT_FALSE(store->get({"prod", "journal#2"})->empty());
    EXPECT_FALSE(store->get({"prod", "state"})->empty());
}

TEST(SqliteStore, ReadingCreatesNoFile) {
    const Directory directory;
    const auto path = directory.file("state.db");
    const auto store = *SqliteStore::open(path);
    EXPECT_TRUE(store->get({"prod", "state"})->empty());
    EXPECT_TRUE(store->query({"prod", "a", "z", true, 10})->empty());
    EXPECT_FALSE(std::filesystem::exists(path));

    ASSERT_TRUE((*SqliteStore::open(path))->update({"prod", "state"}, set("a", number(1)), {}));
    EXPECT_EQ(store->get({"prod", "state"})->at("a"), number(1)) << "another has made it since";
}

/// As another process leaves it for a moment that has just made the file.
TEST(SqliteStore, EmptyFileHasNoItems) {
    const Directory directory;
    const auto path = directory.file("state.db");
    std::ofstream(path).close();
    const auto store = *SqliteStore::open(path);
    EXPECT_TRUE(store->get({"prod", "state"})->empty());
    EXPECT_EQ(std::filesystem::file_size(path), 0U);
    EXPECT_TRUE(store->update({"prod", "state"}, set("a", number(1)), {}));
}

/// Another program's lock on the file, for as long as this lives.
class Locked {
public:
    explicit Locked(const std::string& path) {
        EXPECT_EQ(sqlite3_open(path.c_str(), &database_), SQLITE_OK);
        for (const char* sql : {"PRAGMA locking_mode = EXCLUSIVE", "BEGIN EXCLUSIVE"})
            EXPECT_EQ(sqlite3_exec(database_, sql, nullptr, nullptr, nullptr), SQLITE_OK);
    }
    ~Locked() { sqlite3_close(database_); }
    Locked(const Locked&) = delete;
    Locked& operator=(const Locked&) = delete;

private:
    sqlite3* database_ = nullptr;
};

TEST(SqliteStore, LockedFileTimesOut) {
    const Directory directory;
    const auto path = directory.file("state.db");
    const auto began = std::chrono::steady_clock::now();
    {
        const Locked locked(path);
        const auto store = SqliteStore::open(path, Milliseconds{300});
        ASSERT_FALSE(store);
        EXPECT_EQ(store.error().kind, ErrorKind::unavailable);
        EXPECT_THAT(store.error().text,
                    AllOf(HasSubstr(path), HasSubstr("is locked by another process")));
    }
    // Thirty tries of half a second each is what counting only the pauses would make of it.
    EXPECT_LT(std::chrono::steady_clock::now() - began, std::chrono::seconds(5));
    EXPECT_TRUE(SqliteStore::open(path));
}

TEST(SqliteStore, ChangesOfTheKeyAreErrors) {
    const Directory directory;
    const auto store = *SqliteStore::open(directory.file("state.db"));
    const auto updated = store->update({"prod", "state"}, set("record", text("other")), {});
    ASSERT_FALSE(updated);
    EXPECT_EQ(updated.error().kind, ErrorKind::invalid);
}

void write_file(const std::string& path, const std::string& bytes) {
    std::ofstream(path, std::ios::binary) << bytes;
}

void run_sql(const std::string& path, const char* sql) {
    sqlite3* database = nullptr;
    ASSERT_EQ(sqlite3_open(path.c_str(), &database), SQLITE_OK);
    EXPECT_EQ(sqlite3_exec(database, sql, nullptr, nullptr, nullptr), SQLITE_OK);
    sqlite3_close(database);
}

std::string error_of(const std::string& path) {
    const auto store = SqliteStore::open(path);
    return store ? "opened" : store.error().text;
}

TEST(SqliteStore, FileThatIsNotADatabaseIsNamed) {
    const Directory directory;
    const auto path = directory.file("notes.txt");
    const std::string bytes(4096, 'x');
    write_file(path, bytes);
    EXPECT_THAT(error_of(path), AllOf(HasSubstr(path), HasSubstr("no SQLite database")));
    EXPECT_EQ(std::filesystem::file_size(path), bytes.size()) << "it is left as it is";
}

TEST(SqliteStore, DatabaseOfAnotherProgramIsNamedAndUnchanged) {
    const Directory directory;
    const auto path = directory.file("theirs.db");
    run_sql(path, "CREATE TABLE songs (title TEXT)");
    EXPECT_THAT(error_of(path), AllOf(HasSubstr(path), HasSubstr("another program")));
    run_sql(path, "INSERT INTO songs VALUES ('still there')");
}

TEST(SqliteStore, AFileOfANewerNodenapIsRefused) {
    const Directory directory;
    const auto path = directory.file("state.db");
    ASSERT_TRUE((*SqliteStore::open(path))->update({"prod", "state"}, set("a", number(1)), {}));
    EXPECT_EQ(error_of(path), "opened");
    run_sql(path, "PRAGMA user_version = 2");
    EXPECT_THAT(error_of(path), AllOf(HasSubstr(path), HasSubstr("newer Nodenap")));
}

TEST(SqliteStore, ABrokenItemIsAnErrorThatNamesTheFile) {
    const Directory directory;
    const auto path = directory.file("state.db");
    const auto store = *SqliteStore::open(path);
    ASSERT_TRUE(store->update({"prod", "state"}, set("a", number(1)), {}));
    for (const char* item : {"not JSON", "[]", R"({"a":{"N":"x"}})", R"({"a":{"L":[]}})",
                             R"({"a":1})", R"({"a":{"S":"x","N":"1"}})"}) {
        SCOPED_TRACE(item);
        run_sql(path, ("INSERT OR REPLACE INTO items VALUES ('prod', 'state', '" +
                       std::string(item) + "', NULL)")
                          .c_str());
        const auto got = store->get({"prod", "state"});
        ASSERT_FALSE(got);
        EXPECT_THAT(got.error().text, HasSubstr(path));
        EXPECT_FALSE(store->query({"prod", "a", "z", true, 10}));
        EXPECT_FALSE(store->update({"prod", "state"}, set("b", number(1)), {}));
    }
}

TEST(SqliteStore, MissingDirectoryIsNamed) {
    EXPECT_THAT(error_of("/nowhere/at/all/state.db"), HasSubstr("/nowhere/at/all/state.db"));
}

TEST(SqliteStore, ATruncatedFileIsAnError) {
    const Directory directory;
    const auto path = directory.file("state.db");
    {
        const auto store = *SqliteStore::open(path);
        for (int at = 0; at < 50; ++at)
            ASSERT_TRUE(store->update({"prod", "journal#" + std::to_string(at)},
                                      set("body", text(std::string(2000, 'x'))), {}));
    }
    std::filesystem::resize_file(path, 5000);
    const auto store = SqliteStore::open(path);
    if (store) {
        EXPECT_FALSE((*store)->query({"prod", "journal#", "journal$", true, 100}));
    } else {
        EXPECT_THAT(store.error().text, HasSubstr(path));
    }
}

}  // namespace
}  // namespace nodenap

#include "adapters/store/sqlite.hpp"

#include "adapters/store/item.hpp"
#include "adapters/store/sqlite_item.hpp"
#include "adapters/system/own_file.hpp"
#include "adapters/system/system_clock.hpp"

#include <sqlite3.h>

#include <filesystem>
#include <mutex>
#include <thread>

namespace nodenap {

namespace {

/// "NdNp", in the file's header: identifies Nodenap's files.
constexpr int application_id = 0x4E644E70;
constexpr int schema_version = 1;

/// SQLite returns "busy" immediately if two processes open a new file, so retrying is done here.
/// Each statement of a try has its own timeout, so that of a try is short.
constexpr const char* busy_code = "SQLITE_BUSY";
constexpr Milliseconds busy_pause{10};
constexpr Milliseconds busy_in_a_try{100};

constexpr const char* schema =
    "CREATE TABLE IF NOT EXISTS items ("
    " cluster_id TEXT NOT NULL, record TEXT NOT NULL, item TEXT NOT NULL, expires_at INTEGER,"
    " PRIMARY KEY (cluster_id, record)) WITHOUT ROWID;"
    "CREATE INDEX IF NOT EXISTS items_by_expiry ON items (expires_at)"
    " WHERE expires_at IS NOT NULL;"
    "PRAGMA application_id = 1315196528; PRAGMA user_version = 1;";
static_assert(application_id == 1315196528 && schema_version == 1);

struct Close {
    void operator()(sqlite3* database) const { sqlite3_close_v2(database); }
    void operator()(sqlite3_stmt* statement) const { sqlite3_finalize(statement); }
};

/// One prepared statement. Text parameters are numbered from 1.
class Statement {
public:
    Statement(sqlite3* database, std::string_view sql) {
        sqlite3_stmt* statement = nullptr;
        code_ = sqlite3_prepare_v2(database, sql.data(), static_cast<int>(sql.size()), &statement,
                                   nullptr);
        statement_.reset(statement);
    }

    Statement& bind(int at, const std::string& text) {
        if (code_ == SQLITE_OK)
            code_ = sqlite3_bind_text64(statement_.get(), at, text.data(), text.size(),
                                        SQLITE_TRANSIENT, SQLITE_UTF8);
        return *this;
    }
    Statement& bind(int at, std::int64_t number) {
        if (code_ == SQLITE_OK) code_ = sqlite3_bind_int64(statement_.get(), at, number);
        return *this;
    }

    /// True while there is another row.
    bool step() {
        if (code_ == SQLITE_OK || code_ == SQLITE_ROW) code_ = sqlite3_step(statement_.get());
        return code_ == SQLITE_ROW;
    }
    /// Whether there was no error so far.
    bool well() const { return code_ == SQLITE_OK || code_ == SQLITE_ROW || code_ == SQLITE_DONE; }
    int code() const { return code_; }

    std::string text(int column) const {
        const auto* bytes = static_cast<const char*>(sqlite3_column_blob(statement_.get(), column));
        const auto size = sqlite3_column_bytes(statement_.get(), column);
        return bytes ? std::string(bytes, static_cast<std::size_t>(size)) : std::string();
    }
    std::int64_t number(int column) const { return sqlite3_column_int64(statement_.get(), column); }

private:
    std::unique_ptr<sqlite3_stmt, Close> statement_;
    int code_ = SQLITE_OK;
};

}  // namespace

class SqliteStore::File {
public:
    File(std::string path, Milliseconds patience) : path_(std::move(path)), patience_(patience) {}

    /// Whether there is anything to read. A missing file is not created.
    Result<bool> is_there();
    Result<Updated> update(const Key& key, const Change& change, const Condition& condition);
    Result<AttributeMap> get(const Key& key);
    Result<std::vector<AttributeMap>> query(const Query& query);

    std::mutex& mutex() { return mutex_; }

private:
    Error failed(int code) const;
    Status run(const char* sql);
    Result<std::int64_t> number(const char* sql);
    Result<AttributeMap> read_item(const std::string& text) const;
    Result<Updated> update_inside(const Key& key, const Change& change, const Condition& condition);
    Status put(const Key& key, const AttributeMap& item);
    Status connect(int create);
    Status patiently(Status (File::*attempt)());
    Status check_owner();
    Status look_once();
    /// Initialises the file once, waiting for other processes that do so at the same time.
    Status prepare();
    Status prepare_once();
    void note_registration_failure();

    std::string path_;
    Milliseconds patience_;
    std::unique_ptr<sqlite3, Close> database_;
    bool has_items_ = false;
    bool prepared_ = false;
    std::mutex mutex_;
};

Error SqliteStore::File::failed(int code) const {
    const auto primary = code & 0xFF;
    const std::string text = "the state file " + path_ + ": ";
    if (primary == SQLITE_NOTADB || primary == SQLITE_CORRUPT)
        return {ErrorKind::invalid, text + "it is corrupt or not an SQLite database"};
    if (primary == SQLITE_BUSY || primary == SQLITE_LOCKED)
        return {ErrorKind::unavailable, text + "it is locked by another process", busy_code};
    const char* said = database_ ? sqlite3_errmsg(database_.get()) : sqlite3_errstr(code);
    return {ErrorKind::unavailable, text + said};
}

Status SqliteStore::File::run(const char* sql) {
    const int code = sqlite3_exec(database_.get(), sql, nullptr, nullptr, nullptr);
    if (code != SQLITE_OK) return failed(code);
    return Done{};
}

Result<std::int64_t> SqliteStore::File::number(const char* sql) {
    Statement statement(database_.get(), sql);
    if (!statement.step()) return failed(statement.code());
    return statement.number(0);
}

/// A file with tables of another program or of a newer version is left unchanged.
Status SqliteStore::File::check_owner() {
    const auto owner = number("PRAGMA application_id");
    if (!owner) return owner.error();
    const auto tables = number("SELECT count(*) FROM sqlite_schema");
    if (!tables) return tables.error();
    const auto version = number("PRAGMA user_version");
    if (!version) return version.error();
    const std::string text = "the state file " + path_ + ": ";
    if (*owner != application_id && (*owner != 0 || *tables != 0))
        return Error{ErrorKind::invalid, text + "it belongs to another program"};
    if (*version > schema_version)
        return Error{ErrorKind::invalid, text + "it was written by a newer version of Nodenap"};
    return Done{};
}

Status SqliteStore::File::connect(int create) {
    sqlite3* database = nullptr;
    const int flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_FULLMUTEX | SQLITE_OPEN_EXRESCODE;
    const int code = sqlite3_open_v2(path_.c_str(), &database, flags | create, nullptr);
    database_.reset(database);
    if (code == SQLITE_OK) return Done{};
    database_.reset();
    return Error{ErrorKind::unavailable,
                 "the state file " + path_ + " cannot be opened: " + sqlite3_errstr(code)};
}

Status SqliteStore::File::patiently(Status (File::*attempt)()) {
    SystemClock clock;
    const auto until = clock.monotonic() + patience_;
    sqlite3_busy_timeout(database_.get(), static_cast<int>(busy_in_a_try.count()));
    for (;;) {
        auto tried = (this->*attempt)();
        if (!tried) note_registration_failure();
        const bool busy = !tried && tried.error().code == busy_code;
        if (busy && clock.monotonic() < until) {
            std::this_thread::sleep_for(busy_pause);
            continue;
        }
        sqlite3_busy_timeout(database_.get(), static_cast<int>(patience_.count()));
        return tried;
    }
}

Result<bool> SqliteStore::File::is_there() {
    if (has_items_) return true;
    if (!database_) {
        const std::filesystem::path path(path_);
        std::error_code unseen;
        const auto folder = path.has_parent_path() ? path.parent_path() : ".";
        const bool may_come = std::filesystem::is_directory(folder, unseen);
        if (may_come && !std::filesystem::exists(path, unseen)) return false;
        if (const auto connected = connect(0); !connected) return connected.error();
    }
    if (const auto looked = patiently(&File::look_once); !looked) return looked.error();
    return has_items_;
}

Status SqliteStore::File::look_once() {
    // In one transaction, since another process may initialise the file between two queries.
    if (auto begun = run("BEGIN"); !begun) return begun;
    if (auto ours = check_owner(); !ours) return ours;
    const auto tables = number("SELECT count(*) FROM sqlite_schema WHERE name = 'items'");
    if (!tables) return tables.error();
    has_items_ = *tables > 0;
    return run("COMMIT");
}

Status SqliteStore::File::prepare() {
    if (prepared_) return Done{};
    if (const auto there = is_there(); !there) return there.error();
    if (!database_)
        if (auto made = connect(SQLITE_OPEN_CREATE); !made) return made;
    auto ready = patiently(&File::prepare_once);
    has_items_ = prepared_ = bool(ready);
    return ready;
}

/// After any error, the next call must not be inside this transaction.
void SqliteStore::File::note_registration_failure() {
    if (!sqlite3_get_autocommit(database_.get())) static_cast<void>(run("ROLLBACK"));
}

Status SqliteStore::File::prepare_once() {
    // FULL: a lease or an operation that was confirmed must survive a power failure.
    for (const char* sql :
         {"PRAGMA journal_mode = WAL", "PRAGMA synchronous = FULL", "BEGIN IMMEDIATE"})
        if (auto done = run(sql); !done) return done;
    // Another process may have initialised the file meanwhile.
    if (auto ours = check_owner(); !ours) return ours;
    keep_to_owner(path_);
    if (auto made = run(schema); !made) return made;
    auto cleaned =
        run("DELETE FROM items WHERE expires_at < CAST(strftime('%s', 'now') AS INTEGER)");
    if (!cleaned) return cleaned;
    return run("COMMIT");
}

Result<AttributeMap> SqliteStore::File::read_item(const std::string& text) const {
    auto item = item_from_text(text);
    if (item) return item;
    return Error{ErrorKind::invalid, "the state file " + path_ + ": " + item.error().text};
}

Result<AttributeMap> SqliteStore::File::get(const Key& key) {
    Statement statement(database_.get(),
                        "SELECT item FROM items WHERE cluster_id = ?1 AND record = ?2");
    statement.bind(1, key.cluster_id).bind(2, key.record);
    if (statement.step()) return read_item(statement.text(0));
    if (!statement.well()) return failed(statement.code());
    return AttributeMap{};
}

Status SqliteStore::File::put(const Key& key, const AttributeMap& item) {
    Statement statement(database_.get(),
                        "INSERT INTO items (cluster_id, record, item, expires_at)"
                        " VALUES (?1, ?2, ?3, ?4) ON CONFLICT (cluster_id, record)"
                        " DO UPDATE SET item = excluded.item, expires_at = excluded.expires_at");
    statement.bind(1, key.cluster_id).bind(2, key.record).bind(3, item_text(item));
    const auto expiry = item.find("expires_at");
    if (expiry != item.end())
        if (const auto* seconds = std::get_if<std::int64_t>(&expiry->second.value))
            statement.bind(4, *seconds);
    statement.step();
    if (!statement.well()) return failed(statement.code());
    return Done{};
}

Result<Updated> SqliteStore::File::update_inside(const Key& key, const Change& change,
                                                 const Condition& condition) {
    auto item = get(key);
    if (!item) return item.error();
    auto updated = update_item(*item, key, change, condition);
    if (!updated || updated->refused) return updated;
    if (const auto written = put(key, *item); !written) return written.error();
    return updated;
}

Result<Updated> SqliteStore::File::update(const Key& key, const Change& change,
                                          const Condition& condition) {
    if (const auto ready = prepare(); !ready) return ready.error();
    if (const auto begun = run("BEGIN IMMEDIATE"); !begun) return begun.error();
    auto updated = update_inside(key, change, condition);
    const bool keep = updated && !updated->refused;
    const auto ended = run(keep ? "COMMIT" : "ROLLBACK");
    if (ended) return updated;
    note_registration_failure();
    if (!keep) return updated;
    return ended.error();
}

Result<std::vector<AttributeMap>> SqliteStore::File::query(const Query& query) {
    const std::string order = query.newest_first ? "DESC" : "ASC";
    Statement statement(database_.get(),
                        "SELECT item FROM items WHERE cluster_id = ?1 AND record BETWEEN ?2 AND ?3"
                        " ORDER BY record " +
                            order + " LIMIT ?4");
    statement.bind(1, query.cluster_id).bind(2, query.from).bind(3, query.to);
    statement.bind(4, std::int64_t{std::max(query.limit, 0)});
    std::vector<AttributeMap> out;
    while (statement.step()) {
        auto item = read_item(statement.text(0));
        if (!item) return item.error();
        out.push_back(*std::move(item));
    }
    if (!statement.well()) return failed(statement.code());
    return out;
}

SqliteStore::SqliteStore(std::unique_ptr<File> file) : file_(std::move(file)) {}
SqliteStore::~SqliteStore() = default;

Result<std::unique_ptr<SqliteStore>> SqliteStore::open(const std::string& path,
                                                       Milliseconds patience) {
    auto file = std::make_unique<File>(path, patience);
    if (const auto there = file->is_there(); !there) return there.error();
    return std::unique_ptr<SqliteStore>(new SqliteStore(std::move(file)));
}

Result<Updated> SqliteStore::update(const Key& key, const Change& change,
                                    const Condition& condition) {
    const std::lock_guard lock(file_->mutex());
    return file_->update(key, change, condition);
}

Result<AttributeMap> SqliteStore::get(const Key& key) {
    const std::lock_guard lock(file_->mutex());
    const auto there = file_->is_there();
    if (!there) return there.error();
    return *there ? file_->get(key) : AttributeMap{};
}

Result<std::vector<AttributeMap>> SqliteStore::query(const Query& query) {
    const std::lock_guard lock(file_->mutex());
    const auto there = file_->is_there();
    if (!there) return there.error();
    return *there ? file_->query(query) : std::vector<AttributeMap>{};
}

}  // namespace nodenap

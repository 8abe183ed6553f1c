#include "sim/wire/dynamodb_expressions.hpp"

#include <algorithm>
#include <cctype>
#include <optional>
#include <utility>
#include <vector>

namespace nodenap::servers {
namespace {

bool is_word_char(char c) {
    return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_' || c == '#' || c == ':';
}

/// "SET #0 = :0" → "SET", "#0", "=", ":0".
std::vector<std::string> tokens_of(const std::string& text) {
    std::vector<std::string> tokens;
    for (std::size_t at = 0; at < text.size();) {
        std::size_t end = at + 1;
        if (is_word_char(text[at])) {
            while (end < text.size() && is_word_char(text[end])) ++end;
        }
        if (text[at] != ' ') tokens.push_back(text.substr(at, end - at));
        at = end;
    }
    return tokens;
}

/// Parses the tokens. After the first error, all further results are ignored.
class Reader {
public:
    Reader(const std::string& text, const Placeholders& placeholders)
        : tokens_(tokens_of(text)), placeholders_(placeholders) {}

    bool at_end() const { return at_ >= tokens_.size(); }
    bool is_good() const { return good_; }

    bool take(std::string_view token) {
        const bool found = good_ && !at_end() && tokens_[at_] == token;
        if (found) ++at_;
        return found;
    }
    void expect(std::string_view token) {
        if (!take(token)) note_registration_failure();
    }
    void note_registration_failure() { good_ = false; }

    std::string name() {
        const auto found = placeholders_.names.find(next());
        if (found != placeholders_.names.end()) return found->second;
        good_ = false;
        return {};
    }
    Path path() {
        Path path{name()};
        if (take(".")) path.entry = name();
        return path;
    }
    Attribute value() {
        const auto found = placeholders_.values.find(next());
        if (found != placeholders_.values.end()) return found->second;
        good_ = false;
        return {};
    }

    template <class T>
    Result<T> done(T read, const char* what) const {
        if (good_ && at_end()) return read;
        const auto at = at_end() ? std::string("its end") : "\"" + tokens_[at_] + "\"";
        return Error{ErrorKind::invalid,
                     "Invalid " + std::string(what) + ": Syntax error; near: " + at};
    }

private:
    std::string next() {
        if (at_end()) good_ = false;
        return good_ ? tokens_[at_++] : std::string();
    }

    std::vector<std::string> tokens_;
    const Placeholders& placeholders_;
    std::size_t at_ = 0;
    bool good_ = true;
};

void read_set(Reader& reader, Change& change) {
    do {
        auto path = reader.path();
        reader.expect("=");
        if (!reader.take("if_not_exists")) {
            change.set.emplace_back(std::move(path), reader.value());
            continue;
        }
        reader.expect("(");
        if (reader.name() != path.attribute || !path.entry.empty())
            reader.note_registration_failure();
        reader.expect(",");
        change.set_if_absent.emplace_back(path.attribute, reader.value());
        reader.expect(")");
    } while (reader.take(","));
}

void read_remove(Reader& reader, Change& change) {
    do {
        change.remove.push_back(reader.path());
    } while (reader.take(","));
}

void read_add(Reader& reader, Change& change) {
    do {
        auto name = reader.name();
        const auto amount = reader.value();
        const auto* number = std::get_if<std::int64_t>(&amount.value);
        if (number == nullptr) return reader.note_registration_failure();
        change.add.emplace_back(std::move(name), *number);
    } while (reader.take(","));
}

Clause read_clause(Reader& reader) {
    for (const auto& [word, test] :
         {std::pair{"attribute_not_exists", Test::absent}, {"attribute_exists", Test::present}}) {
        if (!reader.take(word)) continue;
        reader.expect("(");
        Clause clause{reader.name(), test};
        reader.expect(")");
        return clause;
    }
    Clause clause{reader.name(), Test::equals};
    if (reader.take("<")) {
        clause.test = Test::less;
    } else {
        reader.expect("=");
    }
    clause.than = reader.value();
    return clause;
}

std::string text_of(const Attribute& attribute) {
    const auto* text = std::get_if<std::string>(&attribute.value);
    return text == nullptr ? std::string() : *text;
}

}  // namespace

Result<Change> read_update_expression(const std::string& text, const Placeholders& placeholders) {
    Reader reader(text, placeholders);
    Change change;
    if (reader.take("SET")) read_set(reader, change);
    if (reader.take("REMOVE")) read_remove(reader, change);
    if (reader.take("ADD")) read_add(reader, change);
    return reader.done(std::move(change), "UpdateExpression");
}

Result<Condition> read_condition_expression(const std::string& text,
                                            const Placeholders& placeholders) {
    Reader reader(text, placeholders);
    Condition condition;
    do {
        reader.expect("(");
        std::vector<Clause> all;
        do {
            all.push_back(read_clause(reader));
        } while (reader.take("AND"));
        reader.expect(")");
        condition.any_of.push_back(std::move(all));
    } while (reader.take("OR"));
    return reader.done(std::move(condition), "ConditionExpression");
}

Result<Query> read_key_condition(const std::string& text, const Placeholders& placeholders) {
    Reader reader(text, placeholders);
    Query query;
    const bool by_cluster = reader.name() == "cluster_id";
    reader.expect("=");
    query.cluster_id = text_of(reader.value());
    reader.expect("AND");
    const bool by_record = reader.name() == "record";
    reader.expect("BETWEEN");
    query.from = text_of(reader.value());
    reader.expect("AND");
    query.to = text_of(reader.value());
    if (!by_cluster || !by_record || query.to < query.from) reader.note_registration_failure();
    return reader.done(std::move(query), "KeyConditionExpression");
}

Status check_all_used(const std::string& expressions, const Placeholders& placeholders) {
    const auto tokens = tokens_of(expressions);
    const auto is_used = [&](const std::string& placeholder) {
        return std::find(tokens.begin(), tokens.end(), placeholder) != tokens.end();
    };
    const auto unused = [](const char* where, const std::string& placeholder) {
        return Error{ErrorKind::invalid, "Value provided in " + std::string(where) +
                                             " unused in expressions: keys: {" + placeholder + "}"};
    };
    for (const auto& [placeholder, name] : placeholders.names) {
        if (!is_used(placeholder)) return unused("ExpressionAttributeNames", placeholder);
    }
    for (const auto& [placeholder, value] : placeholders.values) {
        if (!is_used(placeholder)) return unused("ExpressionAttributeValues", placeholder);
    }
    return Done{};
}

}  // namespace nodenap::servers

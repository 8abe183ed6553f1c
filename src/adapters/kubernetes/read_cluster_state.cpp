#include "adapters/kubernetes/read_cluster_state.hpp"

#include "adapters/kubernetes/json_value.hpp"
#include "adapters/kubernetes/object_kinds.hpp"

#include <algorithm>
#include <map>
#include <optional>

namespace nodenap {

namespace {

namespace ondemand = simdjson::ondemand;

/// `cat a.json b.json`; each document costs a look at all that follows.
constexpr int most_documents = 100;
constexpr std::string_view list_ending = "List";

struct KindName {
    std::string kind;
    std::string api_version;
};

/// Reads the documents of one text.
class TextReader {
public:
    TextReader(ondemand::parser& parser, KubernetesText& text) : parser_(parser), text_(text) {}

    void read();
    bool failed() const { return fault_.found(); }
    Error error() const { return {ErrorKind::invalid, text_.name + ": " + fault_.text}; }
    ClusterState state() { return std::move(state_); }
    ReadText result();

private:
    bool broken(simdjson::error_code failed);
    std::optional<std::size_t> read_document(std::string_view rest);
    std::optional<KindName> kind_of(ondemand::document& document);
    bool find_kind(ondemand::document& document, KindName& name);
    bool items_have_kinds(ondemand::value items);
    void read_root(ondemand::document& document, const KindName& name);
    void read_list(JsonValue& root, const KindName& name);
    void read_item(JsonValue& item, const KindName& listed);
    void read_object(JsonValue& value, const KindName& name);

    ondemand::parser& parser_;
    KubernetesText& text_;
    JsonFault fault_;
    ClusterState state_;
    ReadText result_;
    std::map<const ObjectKind*, std::int64_t> counts_;
    std::map<std::string, std::int64_t> passed_over_;
};

bool TextReader::broken(simdjson::error_code failed) {
    if (failed && !fault_.found())
        fault_.text = "broken JSON (" + std::string(simdjson::error_message(failed)) + ")";
    return failed != simdjson::SUCCESS;
}

void TextReader::read() {
    constexpr std::string_view byte_order_mark = "\xEF\xBB\xBF";
    constexpr std::string_view blank = " \t\r\n";
    text_.bytes.reserve(text_.bytes.size() + simdjson::SIMDJSON_PADDING);
    std::string_view rest = text_.bytes;
    if (rest.starts_with(byte_order_mark)) rest.remove_prefix(byte_order_mark.size());
    for (int documents = 0;; ++documents) {
        rest.remove_prefix(std::min(rest.find_first_not_of(blank), rest.size()));
        if (rest.empty() && documents > 0) return;
        if (documents == most_documents) fault_.text = "has more than 100 JSON documents";
        if (!rest.starts_with('{'))
            fault_.text = "is not JSON of Kubernetes objects, as kubectl get -o json prints it";
        const auto length = failed() ? std::nullopt : read_document(rest);
        if (!length) return;
        rest.remove_prefix(*length);
    }
}

/// The length of the first document of `rest`; nullopt if it is broken.
std::optional<std::size_t> TextReader::read_document(std::string_view rest) {
    const auto before = static_cast<std::size_t>(rest.data() - text_.bytes.data());
    const simdjson::padded_string_view padded(rest.data(), rest.size(),
                                              text_.bytes.capacity() - before);
    ondemand::document document;
    if (broken(parser_.iterate(padded).get(document))) return std::nullopt;
    const auto name = kind_of(document);
    if (!name) return std::nullopt;
    document.rewind();
    read_root(document, *name);
    if (failed()) return std::nullopt;
    const char* end = nullptr;
    const auto ended = document.current_location().get(end);
    if (ended == simdjson::OUT_OF_BOUNDS) return rest.size();
    if (broken(ended)) return std::nullopt;
    return static_cast<std::size_t>(end - rest.data());
}

/// The kind that a document's root names before its items, or "List" if its items name their own;
/// else the kind that the root names behind them, as where members are sorted by name.
std::optional<KindName> TextReader::kind_of(ondemand::document& document) {
    KindName name;
    if (!find_kind(document, name) && !failed()) {
        document.rewind();
        ondemand::value kind;
        std::string_view text;
        const auto missing = document.find_field_unordered("kind").get(kind);
        if (missing == simdjson::NO_SUCH_FIELD) {
            fault_.text = "is not a Kubernetes object or List: it has no kind";
        } else if (!broken(missing) && !broken(kind.get_string().get(text))) {
            name.kind = text;
        }
    }
    if (failed()) return std::nullopt;
    return name;
}

/// False where neither the root before its items nor the first of these names a kind.
bool TextReader::find_kind(ondemand::document& document, KindName& name) {
    constexpr JsonPlace nowhere{nullptr, "kind", 0};
    ondemand::object root;
    if (broken(document.get_object().get(root))) return false;
    for (auto field : root) {
        std::string_view key;
        ondemand::value value;
        if (broken(field.unescaped_key().get(key)) || broken(field.value().get(value)))
            return false;
        JsonValue inner(value, nowhere, fault_);
        if (key == "apiVersion") name.api_version = inner.text();
        if (key == "kind") name.kind = inner.text();
        if (key == "items") name.kind = items_have_kinds(value) ? list_ending : "";
        if (key == "kind" || key == "items") return !name.kind.empty();
    }
    return false;
}

bool TextReader::items_have_kinds(ondemand::value items) {
    constexpr JsonPlace nowhere{nullptr, "items", 0};
    ondemand::array array;
    if (items.get_array().get(array)) return false;
    for (auto item : array) {
        ondemand::value value;
        if (broken(item.get(value))) return false;
        return !JsonValue(value, nowhere, fault_).peek("kind").empty();
    }
    return false;
}

void TextReader::read_root(ondemand::document& document, const KindName& name) {
    ondemand::value value;
    if (broken(document.get_value().get(value))) return;
    const bool is_list = name.kind.ends_with(list_ending);
    const JsonPlace root_place{nullptr, is_list ? "list" : "object", 0};
    JsonValue root(value, root_place, fault_);
    if (name.kind == "Status") {
        const auto message = in_quotes(root.peek("message"));
        if (!failed()) fault_.text = "is an error of the API server: " + message;
    } else if (is_list) {
        read_list(root, name);
    } else {
        read_object(root, name);
    }
}

void TextReader::read_list(JsonValue& root, const KindName& name) {
    const KindName listed{name.kind.substr(0, name.kind.size() - list_ending.size()),
                          name.api_version};
    const auto* const kind = find_object_kind(listed.kind, listed.api_version);
    if (kind != nullptr) state_.constraints_known.*kind->known = true;
    const auto read_metadata = [&](std::string_view key, JsonValue& member) {
        if (key == "continue") result_.continue_token = member.text();
    };
    root.members([&](std::string_view part, JsonValue& inner) {
        if (part == "metadata") inner.members(read_metadata);
        if (part == "items") inner.elements([&](JsonValue& item) { read_item(item, listed); });
    });
}

/// In a List of many kinds each item names its own.
void TextReader::read_item(JsonValue& item, const KindName& listed) {
    if (!listed.kind.empty()) return read_object(item, listed);
    const KindName own{std::string(item.peek("kind")), std::string(item.peek("apiVersion"))};
    if (own.kind.empty()) return item.refuse("has no kind");
    read_object(item, own);
}

void TextReader::read_object(JsonValue& value, const KindName& name) {
    const auto* const kind = find_object_kind(name.kind, name.api_version);
    if (kind == nullptr) {
        ++passed_over_[in_quotes(name.kind)];
        // A document ends where its root was read to.
        return value.members([](std::string_view, JsonValue&) {});
    }
    const JsonPlace listing{nullptr, kind->listing, 0};
    const JsonPlace place{&listing, {}, counts_[kind]++};
    JsonValue placed(value, place);
    kind->read(placed, state_);
    state_.constraints_known.*kind->known = true;
    ++result_.objects;
}

ReadText TextReader::result() {
    for (const auto& [kind, count] : passed_over_)
        result_.notes.push_back(text_.name + ": passed over " + std::to_string(count) +
                                (count == 1 ? " object" : " objects") + " of kind " + kind);
    return std::move(result_);
}

}  // namespace

struct ClusterStateReader::Parser {
    ondemand::parser parser;
};

ClusterStateReader::ClusterStateReader() : parser_(std::make_unique<Parser>()) {}
ClusterStateReader::~ClusterStateReader() = default;

Result<ReadText> ClusterStateReader::read(KubernetesText text) {
    TextReader reader(parser_->parser, text);
    reader.read();
    if (reader.failed()) return reader.error();
    append(reader.state(), state_);
    return reader.result();
}

Result<ReadClusterState> read_cluster_state(std::vector<KubernetesText> texts) {
    ClusterStateReader reader;
    std::vector<std::string> notes;
    for (auto& text : texts) {
        auto read = reader.read(std::move(text));
        if (!read) return read.error();
        for (auto& note : read->notes) notes.push_back(std::move(note));
    }
    return ReadClusterState{reader.take(), std::move(notes)};
}

Result<ReadClusterState> read_cluster_state(std::string bytes) {
    std::vector<KubernetesText> texts;
    texts.push_back({"standard input", std::move(bytes)});
    return read_cluster_state(std::move(texts));
}

}  // namespace nodenap

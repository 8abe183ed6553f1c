#include "adapters/aws/profile_files.hpp"

#include "base/time_text.hpp"

#include <simdjson.h>
#include <pugixml.hpp>

#include <algorithm>
#include <cctype>
#include <optional>

namespace nodenap {

namespace {

constexpr std::string_view spaces = " \t\r\v\f";

std::string_view trimmed(std::string_view text) {
    const std::size_t begin = text.find_first_not_of(spaces);
    if (begin == text.npos) return {};
    return text.substr(begin, text.find_last_not_of(spaces) - begin + 1);
}

/// The text before a comment, which begins after a space: " # …" or " ; …".
std::string_view without_comment(std::string_view text) {
    for (std::size_t at = 1; at < text.size(); ++at) {
        const bool is_sign = text[at] == '#' || text[at] == ';';
        if (is_sign && spaces.find(text[at - 1]) != spaces.npos) return text.substr(0, at);
    }
    return text;
}

/// The profile that begins with a line "[…]"; nullopt for other sections ("[sso-session x]").
std::optional<std::string> profile_in(std::string_view line, ProfileFile kind) {
    const std::size_t end = line.find(']');
    if (end == line.npos) return std::nullopt;
    const std::string_view name = trimmed(line.substr(1, end - 1));
    if (kind == ProfileFile::credentials || name == "default") return std::string(name);
    constexpr std::string_view word = "profile";
    const bool is_profile = name.starts_with(word) && name.size() > word.size() &&
                            spaces.find(name[word.size()]) != spaces.npos;
    if (!is_profile) return std::nullopt;
    return std::string(trimmed(name.substr(word.size())));
}

std::string lower(std::string_view text) {
    std::string out(text);
    std::ranges::transform(out, out.begin(),
                           [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
    return out;
}

void add_key(std::string_view line, Profile& profile) {
    const std::size_t sign = line.find('=');
    if (sign == line.npos) return;
    const std::string key = lower(trimmed(line.substr(0, sign)));
    std::string_view value = line.substr(sign + 1);
    // A command is passed to the shell, which handles comments itself.
    if (key != "credential_process") value = without_comment(value);
    if (!key.empty()) profile[key] = trimmed(value);
}

bool begins_with_space(std::string_view line) {
    return !line.empty() && spaces.find(line.front()) != spaces.npos;
}

std::string text_at(const simdjson::dom::element& object, const char* name) {
    std::string_view value;
    return object[name].get(value) == simdjson::SUCCESS ? std::string(value) : std::string();
}

/// Keys with an unreadable expiration time would be used forever.
Result<AwsCredentials> checked(AwsCredentials found, const std::string& expires,
                               const std::string& who) {
    const Error unreadable{ErrorKind::unavailable, who + " returned unreadable credentials"};
    if (found.access_key_id.empty() || found.secret_access_key.empty()) return unreadable;
    found.expires_at = time_from_text(expires);
    if (!expires.empty() && !found.expires_at) return unreadable;
    return found;
}

}  // namespace

void add_profiles(std::string_view text, ProfileFile kind, Profiles& into) {
    Profile* profile = nullptr;
    bool has_key = false;
    while (!text.empty()) {
        const std::size_t end = std::min(text.find('\n'), text.size());
        const std::string_view line = text.substr(0, end);
        text.remove_prefix(std::min(end + 1, text.size()));
        const std::string_view content = trimmed(line);
        if (content.empty() || content.front() == '#' || content.front() == ';') continue;
        if (content.front() == '[') {
            const auto name = profile_in(content, kind);
            profile = name ? &into[*name] : nullptr;
            has_key = false;
        } else if (profile != nullptr && !(has_key && begins_with_space(line))) {
            add_key(content, *profile);  // an indented line belongs to the previous key
            has_key = true;
        }
    }
}

Result<AwsCredentials> read_process_answer(const std::string& json) {
    const std::string who = "the credential process";
    simdjson::dom::parser parser;
    simdjson::dom::element object;
    if (parser.parse(json).get(object) != simdjson::SUCCESS) {
        return Error{ErrorKind::unavailable, who + " did not return JSON"};
    }
    std::int64_t version = 0;
    if (object["Version"].get(version) != simdjson::SUCCESS || version != 1) {
        return Error{ErrorKind::unavailable, who + " returned JSON with a Version other than 1"};
    }
    return checked({text_at(object, "AccessKeyId"), Secret(text_at(object, "SecretAccessKey")),
                    Secret(text_at(object, "SessionToken"))},
                   text_at(object, "Expiration"), who);
}

Result<AwsCredentials> read_assumed_role(const std::string& xml) {
    pugi::xml_document document;
    if (!document.load_buffer(xml.data(), xml.size())) {
        return Error{ErrorKind::unavailable, "sts AssumeRole: unreadable response"};
    }
    const pugi::xml_node found =
        document.child("AssumeRoleResponse").child("AssumeRoleResult").child("Credentials");
    return checked({found.child_value("AccessKeyId"), Secret(found.child_value("SecretAccessKey")),
                    Secret(found.child_value("SessionToken"))},
                   found.child_value("Expiration"), "sts AssumeRole");
}

}  // namespace nodenap

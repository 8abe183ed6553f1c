// The text of an item in the SQLite file, which a user or another program may have changed.

#include "adapters/store/dynamodb_json.hpp"
#include "adapters/store/sqlite_item.hpp"
#include "fuzz/fuzz.hpp"

namespace nodenap::fuzz {

void try_input(std::string_view input) {
    const auto item = item_from_text(input);
    if (!item) {
        claim(item.error().kind == ErrorKind::invalid, "a person must mend the file");
        claim(!item.error().text.empty(), "an error has a text");
        return;
    }
    const auto text = item_text(*item);
    const auto again = item_from_text(text);
    claim(again && *again == *item, "an item that was written is read as it was");
    const auto other = read_dynamodb_answer("{\"Item\":" + text + "}");
    claim(other && other->item == *item, "both stores read the same item");
    claim(dynamodb_json(*item).dump() == text, "both stores write the same item");
}

}  // namespace nodenap::fuzz

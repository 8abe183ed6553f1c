#include "base/markup.hpp"

namespace nodenap {

std::string markup_text(std::string_view text) {
    std::string out;
    for (const char each : text) {
        switch (each) {
            case '&':
                out += "&amp;";
                break;
            case '<':
                out += "&lt;";
                break;
            case '>':
                out += "&gt;";
                break;
            default:
                out += each;
        }
    }
    return out;
}

}  // namespace nodenap

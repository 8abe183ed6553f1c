#include "model/exact_amount.hpp"

#include <algorithm>

namespace nodenap {

namespace {

constexpr std::int32_t billion = 1'000'000'000;
constexpr std::int32_t billionths_of_a_thousandth = 1'000'000;
/// 10^28 times one billionth is more than any amount that is kept, and 10^-40 times the digits that
/// are kept less than one billionth.
constexpr long largest_exponent = 28;
constexpr long smallest_exponent = -40;

__extension__ using Wide = unsigned __int128;

constexpr Wide most_billionths = static_cast<Wide>(largest_amount) * billion;

/// 2 to the power of `bits`, times 10 to the power of `tens`.
struct Scale {
    unsigned bits = 0;
    int tens = 0;
};

bool is_digit(char c) { return c >= '0' && c <= '9'; }

/// The digits before and after the point.
struct Number {
    std::string_view before;
    std::string_view after;
};

std::string_view take_digits(std::string_view& text) {
    const auto* const end = std::find_if_not(text.begin(), text.end(), is_digit);
    const auto digits = text.substr(0, static_cast<std::size_t>(end - text.begin()));
    text.remove_prefix(digits.size());
    return digits;
}

/// `text` loses it; none if there is no digit.
std::optional<Number> take_number(std::string_view& text) {
    if (text.starts_with('+')) text.remove_prefix(1);
    Number number;
    number.before = take_digits(text);
    if (text.starts_with('.')) {
        text.remove_prefix(1);
        number.after = take_digits(text);
    }
    if (number.before.empty() && number.after.empty()) return std::nullopt;
    return number;
}

/// "3", "+3" or "-3" behind the e; one of many digits is as large as matters.
std::optional<Scale> exponent_of(std::string_view text) {
    constexpr int enough = 1000;
    const bool negative = text.starts_with('-');
    if (negative || text.starts_with('+')) text.remove_prefix(1);
    if (text.empty() || !std::all_of(text.begin(), text.end(), is_digit)) return std::nullopt;
    int exponent = 0;
    for (const char digit : text) exponent = std::min(exponent * 10 + (digit - '0'), enough);
    return Scale{0, negative ? -exponent : exponent};
}

std::optional<Scale> scale_of(std::string_view suffix) {
    if (suffix.empty()) return Scale{};
    constexpr std::string_view binary = "KMGTPE";
    constexpr std::string_view decimal = "numkMGTPE";
    constexpr int tens[] = {-9, -6, -3, 3, 6, 9, 12, 15, 18};
    if (suffix.size() == 2 && suffix[1] == 'i') {
        const auto at = binary.find(suffix[0]);
        if (at == std::string_view::npos) return std::nullopt;
        return Scale{10 * (static_cast<unsigned>(at) + 1), 0};
    }
    if (suffix.size() == 1) {
        const auto at = decimal.find(suffix[0]);
        if (at == std::string_view::npos) return std::nullopt;
        return Scale{0, tens[at]};
    }
    if (suffix[0] != 'e' && suffix[0] != 'E') return std::nullopt;
    return exponent_of(suffix.substr(1));
}

/// A number of digits times a power of ten, as billionths rounded up.
class Billionths {
public:
    explicit Billionths(Scale scale) : bits_(scale.bits), tens_(scale.tens + 9) {}

    void add(char digit) {
        const auto value = static_cast<unsigned>(digit - '0');
        if (digits_ < most_digits) {
            digits_ = digits_ * 10 + value;
            return;
        }
        // Too many to be kept: of these only whether there is one.
        rest_ = rest_ || value != 0;
        ++tens_;
    }

    Wide value(std::size_t digits_after_the_point) const {
        const auto tens = tens_ - static_cast<long>(digits_after_the_point);
        Wide value = digits_ << bits_;  // below 2^124
        bool rest = rest_;
        for (long ten = 0; ten < std::min(tens, largest_exponent); ++ten)
            value = value < most_billionths ? value * 10 : value;
        for (long ten = std::max(tens, smallest_exponent); ten < 0; ++ten) {
            rest = rest || value % 10 != 0;
            value /= 10;
        }
        return std::min(value + (rest ? 1 : 0), most_billionths);
    }

private:
    static constexpr Wide most_digits = static_cast<Wide>(1) << 60;

    unsigned bits_;
    long tens_;
    Wide digits_ = 0;
    bool rest_ = false;
};

}  // namespace

ExactAmount::ExactAmount(std::int64_t whole, std::int32_t billionths)
    : whole_(std::clamp<std::int64_t>(whole, 0, largest_amount)),
      billionths_(whole_ == largest_amount ? 0 : billionths) {}

std::int64_t ExactAmount::value() const { return whole_ + (billionths_ > 0 ? 1 : 0); }

std::int64_t ExactAmount::milli_value() const {
    constexpr std::int64_t most = largest_amount / 1000;
    if (whole_ >= most) return largest_amount;
    return whole_ * 1000 +
           (billionths_ + billionths_of_a_thousandth - 1) / billionths_of_a_thousandth;
}

ExactAmount operator+(const ExactAmount& a, const ExactAmount& b) {
    const auto billionths = a.billionths_ + b.billionths_;
    const bool carry = billionths >= billion;
    return {clamped_sum(a.whole_, b.whole_) + (carry ? 1 : 0),
            carry ? billionths - billion : billionths};
}

std::optional<ExactAmount> exact_amount_from_text(std::string_view text) {
    const bool negative = text.starts_with('-');
    if (negative) text.remove_prefix(1);
    if (negative && text.starts_with('+')) return std::nullopt;
    const auto number = take_number(text);
    if (!number) return std::nullopt;
    const auto scale = scale_of(text);
    if (!scale) return std::nullopt;
    Billionths billionths(*scale);
    for (const char digit : number->before) billionths.add(digit);
    for (const char digit : number->after) billionths.add(digit);
    const auto value = billionths.value(number->after.size());
    if (negative && value != 0) return std::nullopt;
    return ExactAmount(static_cast<std::int64_t>(value / billion),
                       static_cast<std::int32_t>(value % billion));
}

}  // namespace nodenap

#pragma once

#include <cassert>
#include <string>
#include <utility>
#include <variant>

namespace nodenap {

/// Classifies errors by what the caller can do next. "Lease held", "not found" and "already done"
/// are values, not errors.
enum class ErrorKind {
    unavailable,     // the adapter has retried already; the next pass tries again
    throttled,       // likewise
    conflict,        // changed concurrently: read again
    no_capacity,     // another offering may work
    denied,          // the user must grant a permission
    invalid,         // the user must fix the configuration or the account
    unknown_outcome  // it may have taken effect: read back or repeat
};

/// `code` is the service's error code ("InsufficientInstanceCapacity"), empty if it sent none.
struct Error {
    ErrorKind kind = ErrorKind::invalid;
    std::string text;
    std::string code = {};

    friend bool operator==(const Error&, const Error&) = default;
};

/// A value or an Error. Reading the wrong side is a bug and aborts.
template <class T>
class [[nodiscard]] Result {
public:
    Result(T value) : held_(std::in_place_index<0>, std::move(value)) {}
    Result(Error error) : held_(std::in_place_index<1>, std::move(error)) {}

    explicit operator bool() const { return held_.index() == 0; }
    const T& operator*() const& { return checked(); }
    T& operator*() & { return const_cast<T&>(std::as_const(*this).checked()); }
    T&& operator*() && { return std::move(const_cast<T&>(std::as_const(*this).checked())); }
    const T* operator->() const { return &checked(); }
    T* operator->() { return &const_cast<T&>(std::as_const(*this).checked()); }
    const Error& error() const {
        assert(held_.index() == 1);
        return *std::get_if<1>(&held_);
    }

private:
    const T& checked() const {
        assert(held_.index() == 0);
        return *std::get_if<0>(&held_);
    }

    std::variant<T, Error> held_;
};

/// Success without a value.
struct Done {
    friend bool operator==(const Done&, const Done&) = default;
};
using Status = Result<Done>;

}  // namespace nodenap

#pragma once

#include <cassert>
#include <string>
#include <utility>
#include <variant>

namespace nodenap {

/// What the caller may do next, not what happened. Held, not found and already done are values.
enum class ErrorKind {
    unavailable,     // retried by the caller's peer already; left to the next pass
    throttled,       // likewise
    conflict,        // somebody else changed it: read again
    no_capacity,     // another offering may do
    denied,          // a person must grant a right
    invalid,         // a person must mend the configuration or the account
    unknown_outcome  // it may have happened: read back or repeat
};

/// `code` is the peer's own word ("InsufficientInstanceCapacity"), empty where there is none.
struct Error {
    ErrorKind kind = ErrorKind::invalid;
    std::string text;
    std::string code = {};

    friend bool operator==(const Error&, const Error&) = default;
};

/// A value or an Error. Reading the wrong side is a fault of the program and aborts.
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

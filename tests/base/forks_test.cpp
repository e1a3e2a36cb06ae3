#include <holdfast/checkpoint/base/forks.h>

#include <gtest/gtest.h>

#include <memory>
#include <string>

#include "support/child.h"

namespace holdfast {
namespace {

using testing::told_by_child;

std::string text(bool value) {
  return value ? "yes" : "no";
}

TEST(OwnerProcess, IsThisProcessAndNoCopyOfIt) {
  const OwnerProcess owner;
  EXPECT_TRUE(owner.is_this());
  EXPECT_EQ(told_by_child([&] { return text(owner.is_this()); }), "no");
  EXPECT_TRUE(owner.is_this());
}

TEST(OwnerProcess, OfAChildIsTheChild) {
  EXPECT_EQ(told_by_child([] {
              const OwnerProcess owner;
              return text(owner.is_this()) + told_by_child([&] { return text(owner.is_this()); });
            }),
            "yesno");
}

void add_letter(void* to) {
  *static_cast<std::string*>(to) += "x";
}

TEST(NotInherited, IsLetGoInAChildAlone) {
  std::string let_go;
  const NotInherited one(add_letter, &let_go);
  EXPECT_EQ(told_by_child([&] { return let_go; }), "x");
  EXPECT_EQ(let_go, "");
}

TEST(NotInherited, IsLetGoInAChildOfAChildAgain) {
  std::string let_go;
  const NotInherited one(add_letter, &let_go);
  EXPECT_EQ(told_by_child([&] { return told_by_child([&] { return let_go; }); }), "xx");
}

TEST(NotInherited, EndsWithItsLifeInWhateverOrder) {
  std::string a, b, c;
  auto first = std::make_unique<NotInherited>(add_letter, &a);
  auto second = std::make_unique<NotInherited>(add_letter, &b);
  auto third = std::make_unique<NotInherited>(add_letter, &c);
  const auto let_go = [&] { return told_by_child([&] { return a + "," + b + "," + c; }); };
  EXPECT_EQ(let_go(), "x,x,x");
  second.reset();
  EXPECT_EQ(let_go(), "x,,x");
  third.reset();
  EXPECT_EQ(let_go(), "x,,");
  first.reset();
  EXPECT_EQ(let_go(), ",,");
}

}  // namespace
}  // namespace holdfast

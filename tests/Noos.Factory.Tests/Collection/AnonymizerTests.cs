using Noos.Core.Conversations;
using Noos.Factory.Collection;

namespace Noos.Factory.Tests.Collection;

public sealed class AnonymizerTests
{
    [Theory]
    [InlineData("Write to ada.l+x@mail.example.org, please.", "Write to name@example.com, please.")]
    [InlineData("Call +49 171 2345678 or (212) 555-1234.", "Call 555-0100 or 555-0100.")]
    [InlineData("My card is 4111 1111 1111 1111.", "My card is 0000 0000 0000 0000.")]
    [InlineData("IBAN DE89 3704 0044 0532 0130 00", "IBAN XX00 0000 0000 0000")]
    [InlineData("The key is sk-abcdefghijklmnop1234.", "The key is KEY.")]
    [InlineData("password: hunter2!x", "password: KEY")]
    [InlineData("It is at 203.0.114.7 now.", "It is at 192.0.2.1 now.")]
    [InlineData("I live at 42 Baker Street in London.", "I live at 1 Main Street in London.")]
    [InlineData("Ich wohne Lindenallee 12.", "Ich wohne Hauptstraße 1.")]
    [InlineData("Number 078-05-1120 is mine.", "Number 000-00-0000 is mine.")]
    public void Personal_data_is_replaced_by_what_belongs_to_nobody_and_then_left_alone(string text, string expected)
    {
        var personal = new Anonymizer([]);

        Assert.Equal(expected, personal.Remove(text));
        Assert.NotEmpty(personal.Counts);
        var again = new Anonymizer([]);
        Assert.Equal(expected, again.Remove(expected));
        Assert.Empty(again.Counts);
    }

    [Theory]
    [InlineData("What is 123456 * 789 + 4?")]
    [InlineData("On 2024-05-17 it was 12.5 degrees.")]
    [InlineData("4111 1111 1111 1112 is no card, its sum is wrong.")]
    [InlineData("100-200-300 is -400.")]
    [InlineData("Version 1.2.3 of 127.0.0.1, see chapter 3.14.")]
    [InlineData("My password is easy to remember.")]
    public void Numbers_of_everyday_life_stay(string text)
    {
        var personal = new Anonymizer([]);

        Assert.Equal(text, personal.Remove(text));
        Assert.Empty(personal.Counts);
    }

    [Fact]
    public void Names_of_accounts_and_those_that_people_give_themselves_go_and_words_stay()
    {
        var names = Anonymizer.FindNames([Message.User("Hello, my name is Grace Hopper."), Message.Assistant("My name is Noos.")]);
        var personal = new Anonymizer(["linus", "root", "user"]);

        Assert.Equal(["Grace Hopper"], names);
        Assert.Equal(
            "Alex asked Alex whether the user is root; Linux is no name.",
            personal.Remove("Linus asked Grace Hopper whether the user is root; Linux is no name.", names));
    }
}

using Noos.Core.Text;

namespace Noos.Core.Tests.Text;

public sealed class NearestNamesTests
{
    static readonly string[] s_commands = ["ask", "ps", "top", "stop", "say", "kill", "models", "make", "rm"];

    [Theory]
    [InlineData("aks", "ask")]
    [InlineData("ASK", "ask")]
    [InlineData("sotp", "stop")]
    [InlineData("mdoels", "models")]
    [InlineData("kil", "kill")]
    [InlineData("model", "models")]
    public void Slip_of_one_key_finds_what_was_meant_and_nothing_else(string typed, string meant) =>
        Assert.Equal([meant], NearestNames.Find(typed, s_commands));

    [Fact]
    public void Names_that_are_as_near_are_all_told()
    {
        Assert.Equal(["bat", "rat"], NearestNames.Find("cat", ["bat", "dog", "rat"]));
        Assert.Equal(["Llama-Noos-Nano"], NearestNames.Find("nano", ["Llama-Noos-Nano", "Other"]));
        Assert.Empty(NearestNames.Find("encyclopedia", s_commands));
        Assert.Empty(NearestNames.Find(new string('x', 1000), s_commands));
    }
}

using System.CommandLine;
using Noos.Cli.Terminal;

namespace Noos.Cli.Factory;

/// <summary>How many of something a training takes: at least one.</summary>
static class CountOption
{
    /// <param name="name">Of the option, such as <c>--workers</c>.</param>
    /// <param name="what">What is counted, without a full stop.</param>
    /// <param name="usual">The number unless told otherwise.</param>
    public static Option<int> Create(string name, string what, int usual) => new Option<int>(name)
    {
        Description = what + ".",
        DefaultValueFactory = _ => usual,
    }.AtLeast(1);
}

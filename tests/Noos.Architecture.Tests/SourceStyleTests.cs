namespace Noos.Architecture.Tests;

/// <summary>What the formatter does not check.</summary>
public sealed class SourceStyleTests
{
    const int MaxColumns = 140;

    // Long sentences of lessons and wordings are data; breaking them would only make them harder to read.
    static readonly string[] s_dataFolders = ["src/Noos.Tools/Calculator/Course/", "src/Noos.Courses/Talk/"];

    static readonly string[] s_dataFiles =
    [
        // Rows of sources as they lie in the data, one a line.
        "tests/Noos.Corpus.Tests/Encyclopedias/EncyclopediaTests.cs",
        // Answers of search services as they come over the wire.
        "tests/Noos.Tools.Tests/Search/Answers.cs",
        // Wordings of lessons and examinations.
        "src/Noos.Courses/Copying/CopyingPhrases.cs",
        "src/Noos.Courses/Formats/FormatPhrases.cs",
        "src/Noos.Tools/Lessons/ToolPhrases.cs",
        // The style sheet of the report, written into it as it stands; its minified rules are a line each.
        "src/Noos.Training/Runs/ReportStyle.cs",
        // Conversations and tools as JSON, one case a line; what templates make of them was recorded from these very texts.
        "tests/Noos.Language.Tests/Templates/TemplateCases.cs",
        // What a model is to learn, to the character: the arguments of a call are one line of it.
        "tests/Noos.Language.Tests/Tokenization/ChatFormatTests.cs",
        // Parts of published tokenizer files, and regular expressions that are looked up whole.
        "tests/Noos.Language.Tests/HuggingFace/HuggingFaceConverterTests.cs",
        // Schemas beside texts that fit them and texts that do not, in attributes: one case a line.
        "tests/Noos.Inference.Tests/Constraints/TextGrammarTests.cs",
        // Calls as models write them, to the character, and the schemas of their tools.
        "tests/Noos.Inference.Tests/ToolCalls/ToolCallConstraintTests.cs",
        "tests/Noos.Inference.Tests/ToolCalls/ToolCallNotationTests.cs",
        // Requests as they come over the wire; random changes are made to their bytes, so another line break is another test.
        "tests/Noos.Server.Tests/ChatServerTests.cs",
    ];

    public static TheoryData<string> Folders => [.. new[] { "src", "tests", "bench" }];

    [Theory]
    [MemberData(nameof(Folders))]
    public void Lines_have_at_most_140_columns(string folder) => Assert.Empty(Repository.Sources(folder)
        .Select(path => (Path: path, Name: Path.GetRelativePath(Repository.Root, path)))
        .Where(file => !IsData(file.Name))
        .SelectMany(file => File.ReadLines(file.Path).Select((line, index) => (file.Name, Number: index + 1, line.Length)))
        .Where(line => line.Length > MaxColumns)
        .Select(line => $"{line.Name}:{line.Number} has {line.Length} columns"));

    /// <summary>A file that is renamed or gone must not leave its exception behind.</summary>
    [Fact]
    public void Every_exception_is_there() =>
        Assert.All([.. s_dataFolders, .. s_dataFiles], path => Assert.True(Path.Exists(Path.Combine(Repository.Root, path)), path));

    static bool IsData(string name) =>
        s_dataFiles.Contains(name) || s_dataFolders.Any(folder => name.StartsWith(folder, StringComparison.Ordinal));
}

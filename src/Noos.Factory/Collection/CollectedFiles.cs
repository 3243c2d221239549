namespace Noos.Factory.Collection;

/// <summary>The files of a collection.</summary>
public static class CollectedFiles
{
    /// <summary>Conversations that end with the answer to learn, as JSON lines.</summary>
    public static string DemonstrationsPath(string folder) => Path.Combine(folder, "demonstrations.jsonl");

    /// <summary>Judged prompts, as JSON lines.</summary>
    public static string PreferencesPath(string folder) => Path.Combine(folder, "preferences.jsonl");

    /// <summary>The report for programs; written last, so that where it is all is.</summary>
    public static string ReportPath(string folder) => Path.Combine(folder, "collection.json");

    /// <summary>The report for people.</summary>
    public static string MarkdownPath(string folder) => Path.Combine(folder, "collection.md");
}

namespace Noos.Testing;

/// <summary>A recipe whose whole life takes seconds, with its one source, in a folder of its own.</summary>
public sealed class TinyRecipe : IDisposable
{
    public TinyRecipe() => File.WriteAllLines(In("stories.txt"), Enumerable.Range(0, 4000).Select(index =>
        $"The {(index % 3 == 0 ? "cat" : "dog")} number {index} ran to the {(index % 2 == 0 ? "river" : "hill")} and came home again "
        + $"with {index % 17} friends.\n"));

    /// <summary>Holds the source; the results may go below it, too.</summary>
    public string Folder { get; } = Directory.CreateTempSubdirectory("noos-recipe-").FullName;

    public string In(string name) => Path.Combine(Folder, name);

    /// <summary>Writes the recipe and gives its path.</summary>
    /// <param name="pretrain">A line of the settings of pretraining.</param>
    /// <param name="more">Other tables.</param>
    /// <param name="checkpointEvery">Updates from one checkpoint of pretraining to the next.</param>
    public string Write(string pretrain = "steps = 3", string more = "", int checkpointEvery = 2)
    {
        var path = In("mini.toml");
        File.WriteAllText(path, $"""
            name = "Mini"
            [tokenizer]
            vocabulary = 400
            conversation_megabytes = 1
            [[sources]]
            name = "stories"
            path = "stories.txt"
            format = "text"
            licence = "made here"
            [model]
            context = 96
            embedding = 32
            blocks = 1
            feed_forward = 32
            heads = 2
            key_value_heads = 1
            head_length = 16
            [pretrain]
            {pretrain}
            rows = 2
            evaluate_every = 2
            checkpoint_every = {checkpointEvery}
            {more}
            [[lessons.courses]]
            name = "arithmetic"
            count = 600
            [[lessons.courses]]
            name = "talk"
            count = 100
            [fine_tune]
            steps = 3
            rows = 2
            """);
        return path;
    }

    public void Dispose() => Directory.Delete(Folder, recursive: true);
}

using Noos.Core.Settings;

namespace Noos.Core.Tests;

public sealed class NoosSettingsTests
{
    [Fact]
    public void Every_variable_sets_its_own_setting()
    {
        string[] names = ["NOOS_HOME", "NOOS_MODEL", "NOOS_DATA", "NOOS_KERNELS", "OPENAI_API_KEY", "HF_ENDPOINT", "HF_TOKEN",
            "OLLAMA_MODELS", "NO_COLOR"];

        var settings = NoosSettings.Read(name => Array.IndexOf(names, name) >= 0 ? $" value of {name}\n" : null);

        var expected = new NoosSettings
        {
            UserData = new UserData("value of NOOS_HOME"),
            Model = "value of NOOS_MODEL",
            SourcesFolder = "value of NOOS_DATA",
            Kernels = "value of NOOS_KERNELS",
            OpenAIApiKey = "value of OPENAI_API_KEY",
            HubEndpoint = "value of HF_ENDPOINT",
            HubToken = "value of HF_TOKEN",
            OllamaFolder = "value of OLLAMA_MODELS",
            NoColor = true,
        };
        Assert.Equal(expected, settings);
    }

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("  ")]
    public void Variable_that_is_empty_counts_as_not_set(string? value) => Assert.Equal(new NoosSettings(), NoosSettings.Read(_ => value));
}

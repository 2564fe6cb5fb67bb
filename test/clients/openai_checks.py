"""What OpenAI's client for Python makes of the gateway's answers. Reads its case from standard input."""

import json
import sys

import openai

case = json.load(sys.stdin)
expected, tools, schema = case["answer"], case["tools"], case["schema"]
client = openai.OpenAI(base_url=case["url"] + "/v1", api_key="unused", max_retries=0)
question = [{"role": "system", "content": "Answer shortly."}, {"role": "user", "content": "How are you?"}]


def whole():
    completion = client.chat.completions.create(model=case["model"], messages=question)
    assert completion.choices[0].message.content == expected, completion
    assert completion.usage.prompt_tokens > 0 and completion.usage.completion_tokens > 0, completion


def streamed():
    chunks = list(
        client.chat.completions.create(
            model=case["model"], messages=question, stream=True, stream_options={"include_usage": True}
        )
    )
    text = "".join(choice.delta.content or "" for chunk in chunks for choice in chunk.choices)
    assert text == expected, text
    assert [chunk.usage is not None for chunk in chunks] == [False] * (len(chunks) - 1) + [True], chunks


def tool_results(calls):
    return [
        {"role": "tool", "tool_call_id": call.id, "content": f"12 degrees in {json.loads(call.function.arguments)['city']}"}
        for call in calls
    ]


def use_tools():
    request = {"model": case["toolModel"], "tools": tools, "parallel_tool_calls": True}
    ask = [{"role": "user", "content": "Weather and time?"}]
    first = client.chat.completions.create(**request, messages=ask).choices[0]
    assert first.finish_reason == "tool_calls" and len(first.message.tool_calls) == 2, first
    results = tool_results(first.message.tool_calls)
    second = client.chat.completions.create(**request, messages=[*ask, first.message, *results]).choices[0]
    assert results[-1]["content"] in second.message.content, second


def stream_tools():
    request = {"model": case["toolModel"], "tools": tools, "parallel_tool_calls": True}
    with client.chat.completions.stream(**request, messages=[{"role": "user", "content": "Both?"}]) as stream:
        final = stream.get_final_completion().choices[0]
    assert [call.function.name for call in final.message.tool_calls] == ["get_weather", "get_time"], final
    assert all("city" in json.loads(call.function.arguments) for call in final.message.tool_calls), final


def structured():
    completion = client.chat.completions.create(
        model=case["jsonModel"],
        messages=question,
        response_format={"type": "json_schema", "json_schema": {"name": "weather", "schema": schema, "strict": True}},
    )
    assert sorted(json.loads(completion.choices[0].message.content)) == ["city", "degrees"], completion


def embeddings():
    if case["embeddingModel"] is None:
        return
    decoded = client.embeddings.create(model=case["embeddingModel"], input=["one", "two"])
    floats = client.embeddings.create(model=case["embeddingModel"], input=["one", "two"], encoding_format="float")
    assert len(decoded.data) == len(floats.data) == 2
    pairs = zip(decoded.data[0].embedding, floats.data[0].embedding, strict=True)
    assert all(abs(left - right) < 1e-6 for left, right in pairs)


def errors():
    for model, kind in case["errors"]:
        try:
            client.chat.completions.create(model=model, messages=question)
        except openai.APIStatusError as error:
            assert type(error).__name__ == kind, (model, error)
        else:
            raise AssertionError(f"{model} was not refused")


for check in (whole, streamed, use_tools, stream_tools, structured, embeddings, errors):
    check()
print("ok")

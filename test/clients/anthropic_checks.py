"""What Anthropic's client for Python makes of the gateway's answers. Reads its case from standard input."""

import json
import sys

import anthropic

case = json.load(sys.stdin)
expected = case["answer"]
client = anthropic.Anthropic(base_url=case["url"], api_key="unused", max_retries=0)
question = {"max_tokens": 100, "system": "Answer shortly.", "messages": [{"role": "user", "content": "How are you?"}]}
tools = [
    {"name": tool["function"]["name"], "input_schema": tool["function"]["parameters"]} for tool in case["tools"]
]


def text_of(message):
    return "".join(block.text for block in message.content if block.type == "text")


def whole():
    message = client.messages.create(model=case["model"], **question)
    assert text_of(message) == expected and message.stop_reason == "end_turn", message
    assert message.usage.input_tokens > 0 and message.usage.output_tokens > 0, message


def streamed():
    with client.messages.stream(model=case["model"], **question) as stream:
        text = "".join(stream.text_stream)
        final = stream.get_final_message()
    assert text == expected == text_of(final), (text, final)
    assert final.stop_reason == "end_turn" and final.usage.output_tokens > 0, final


def use_tools(read):
    request = {"model": case["toolModel"], "max_tokens": 100, "tools": tools}
    ask = {"role": "user", "content": "Weather and time?"}
    first = read(**request, messages=[ask])
    calls = [block for block in first.content if block.type == "tool_use"]
    assert first.stop_reason == "tool_use" and calls, first
    results = [
        {"type": "tool_result", "tool_use_id": call.id, "content": f"12 degrees in {call.input['city']}"}
        for call in calls
    ]
    answer = {"role": "assistant", "content": first.content}
    second = read(**request, messages=[ask, answer, {"role": "user", "content": results}])
    assert results[-1]["content"] in text_of(second), second


def read_stream(**request):
    with client.messages.stream(**request) as stream:
        return stream.get_final_message()


def count():
    counted = {name: value for name, value in question.items() if name != "max_tokens"}
    assert client.messages.count_tokens(model=case["model"], **counted).input_tokens > 4


def errors():
    for model, kind in case["errors"]:
        try:
            client.messages.create(model=model, **question)
        except anthropic.APIStatusError as error:
            assert type(error).__name__ == kind, (model, error)
        else:
            raise AssertionError(f"{model} was not refused")


whole()
streamed()
use_tools(client.messages.create)
use_tools(read_stream)
count()
errors()
print("ok")

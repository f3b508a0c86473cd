"""Reads a page of HTML as strict XML and prints what it consists of, as JSON."""

import json
import sys
import xml.etree.ElementTree as ElementTree

root = ElementTree.parse(sys.argv[1]).getroot()
elements = list(root.iter())
print(
    json.dumps(
        {
            "elements": sorted({each.tag for each in elements}),
            "attributes": sorted({name for each in elements for name in each.attrib}),
            "ids": [each.attrib["id"] for each in elements if "id" in each.attrib],
            "policy": [each.attrib["content"] for each in elements if "http-equiv" in each.attrib],
            "style": [each.text for each in elements if each.tag == "style"],
            "title": root.findtext("head/title"),
            "text": "".join(root.find("body").itertext()),
            "rows": [["".join(cell.itertext()) for cell in row] for row in elements if row.tag == "tr"],
            "drawn": [each.findtext("text") for each in elements if each.tag == "g"],
            "fields": sum(each.tag == "rect" for each in elements),
            "unfolded": ["open" in each.attrib for each in elements if each.tag == "details"],
        }
    )
)

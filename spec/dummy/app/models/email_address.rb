# frozen_string_literal: true

# The only kind of contact info there is.
class EmailAddress < ContactInfo
end

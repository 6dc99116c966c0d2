# frozen_string_literal: true

# A user's use of a client app, with the number of updates that the app has not fetched yet.
class ApplicationUser < ApplicationRecord
  belongs_to :application, inverse_of: :application_users
  belongs_to :user, inverse_of: :application_users
end
